using MedicalAi.Testing;

namespace MedicalAi.Fuzz;

/// <summary>A fixed number of inputs for each target, and every input that once found something.</summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Whatever_comes_in_is_understood_or_refused(string name)
    {
        FuzzTarget target = FuzzTargets.Find(name);
        await FuzzRun.RunAsync(target.Make, (_, input) => target.Check(input), target.Count);
    }

    [Fact]
    public void What_once_found_something_finds_nothing_now() => Assert.All(
        Directory.EnumerateFiles(LongRun.SeedFolder, "*.bin", SearchOption.AllDirectories),
        seed => FuzzTargets.Find(Path.GetFileName(Path.GetDirectoryName(seed)!)).Check(File.ReadAllBytes(seed)));

    [Fact]
    public void There_is_a_folder_of_seeds_for_no_target_that_there_is_not() =>
        Assert.All(Directory.EnumerateDirectories(LongRun.SeedFolder).Select(Path.GetFileName), folder => Assert.NotNull(FuzzTargets.Find(folder!)));

    [Fact]
    public async Task The_long_run_tells_what_it_did_and_finds_nothing_in_few_inputs()
    {
        using StringWriter output = new();
        using TempFolder seeds = new();
        Assert.Equal(0, await LongRun.RunAsync(["220", "--seed", "5"], seeds.Path, output));
        Assert.Contains("220 inputs, 0 findings", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(seeds.Path));
        Assert.Equal(2, await LongRun.RunAsync(["many"], seeds.Path, output));
        Assert.Equal(2, await LongRun.RunAsync(["1", "--target", "nothing"], seeds.Path, output));
    }

    [Fact]
    public async Task A_finding_of_the_long_run_becomes_a_seed_that_is_named_once()
    {
        using StringWriter output = new();
        using TempFolder seeds = new();
        FuzzTarget broken = new("broken", random => [(byte)random.Next(4)], input => Assert.True(input[0] != 3, "three"), 1);
        Assert.Equal(1, await LongRun.RunAsync(["100"], seeds.Path, output, [broken]));
        string seed = Assert.Single(Directory.EnumerateFiles(seeds.File("broken")));
        Assert.Equal([3], await File.ReadAllBytesAsync(seed, TestContext.Current.CancellationToken));
        Assert.Matches("broken input [0-9]+: .*three", output.ToString());
    }

    [Fact]
    public async Task An_input_that_takes_too_long_is_a_finding()
    {
        using StringWriter output = new();
        using TempFolder seeds = new();
        FuzzTarget slow = new("slow", random => [(byte)random.Next(256)], _ => Thread.Sleep(LongRun.TimeLimit + TimeSpan.FromMilliseconds(200)), 1);
        Assert.Equal(1, await LongRun.RunAsync(["1"], seeds.Path, output, [slow]));
        Assert.Contains("took", output.ToString(), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(seeds.File("slow")));
    }
}
