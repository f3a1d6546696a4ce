using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.DicomScp.Tests;

public sealed class AeRegistryFileTests : IDisposable
{
    private const string One = """{ "unknownCallers": "refuse", "entities": [{ "aeTitle": "CT1", "permissions": ["store"] }] }""";
    private readonly TempFolder _folder = new();
    private readonly AeRegistryFile _file;

    public AeRegistryFileTests() => _file = Open();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Path => _folder.File("aes.json");

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Without_a_file_nobody_is_known_and_everybody_is_let_in()
    {
        _file.Load();
        Assert.Empty(_file.Current.Entities);
        Assert.True(_file.Current.AcceptsUnknownCallers);
    }

    [Fact]
    public void A_file_that_is_asked_for_must_be_there()
    {
        using AeRegistryFile required = Open(options => options with { IsRequired = true });
        Assert.Contains("aes.json", Assert.Throws<InvalidDataException>(required.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void At_the_start_a_broken_file_is_an_error_that_tells_where()
    {
        File.WriteAllText(Path, "{\n\"entities\": 1 }");
        Assert.Contains("line 2, $.entities", Assert.Throws<InvalidDataException>(_file.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_the_file_holds_without_a_restart()
    {
        File.WriteAllText(Path, One);
        using AeRegistryFile watching = Open(options => options with { Poll = TimeSpan.FromMilliseconds(20) });
        watching.Load();
        AeRegistry before = watching.Current;
        await watching.StartAsync(Cancel);
        File.WriteAllText(Path, One.Replace("CT1", "CT2", StringComparison.Ordinal));
        await watching.WaitForChangeAsync(before, Cancel);
        Assert.NotNull(watching.Current.Find("CT2"));
        Assert.Null(watching.Current.Find("CT1"));
        await watching.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_broken_file_changes_nothing_and_is_told_until_it_is_right_again()
    {
        File.WriteAllText(Path, One);
        _file.Load();
        AeRegistry before = _file.Current;
        File.WriteAllText(Path, "{");
        await LookTwiceAsync();
        Assert.Same(before, _file.Current);
        Assert.Contains("line 1", _file.Problem, StringComparison.Ordinal);
        File.WriteAllText(Path, One);
        await _file.LookAsync(Cancel);
        Assert.Null(_file.Problem);
        Assert.NotNull(_file.Current.Find("CT1"));
    }

    [Fact]
    public async Task A_file_that_is_half_written_for_a_moment_is_no_error()
    {
        File.WriteAllText(Path, One);
        _file.Load();
        File.WriteAllText(Path, One[..20]);
        await _file.LookAsync(Cancel);
        Assert.Null(_file.Problem);
        File.WriteAllText(Path, """{ "aliases": ["X"] }""");
        await _file.LookAsync(Cancel);
        Assert.Null(_file.Problem);
        Assert.True(_file.Current.IsAlias("X"));
    }

    [Fact]
    public async Task A_file_that_was_refused_for_a_file_that_it_names_holds_when_that_is_put_right()
    {
        _file.Load();
        File.WriteAllText(Path, """{ "entities": [{ "aeTitle": "PACS", "host": "a", "port": 104, "tls": { "ca": "ca.pem" } }] }""");
        await LookTwiceAsync();
        Assert.Contains("ca.pem", _file.Problem, StringComparison.Ordinal);
        using (RSA key = RSA.Create(2048))
        {
            using X509Certificate2 authority = new CertificateRequest("CN=Test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(_folder.File("ca.pem"), authority.ExportCertificatePem());
        }

        await _file.LookAsync(Cancel);
        Assert.Null(_file.Problem);
        Assert.NotNull(_file.Current.FindDestination("PACS")!.Tls);
    }

    [Fact]
    public async Task A_file_that_is_gone_changes_nothing_and_is_told()
    {
        File.WriteAllText(Path, One);
        _file.Load();
        File.Delete(Path);
        await LookTwiceAsync();
        Assert.NotNull(_file.Current.Find("CT1"));
        Assert.NotNull(_file.Problem);
        Assert.Equal(AeRegistryOutcome.FileIsBroken, (await PutAsync("PACS", """{ "host": "a", "port": 104 }""")).Outcome);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task A_file_that_appears_later_holds()
    {
        _file.Load();
        File.WriteAllText(Path, One);
        await _file.LookAsync(Cancel);
        Assert.NotNull(_file.Current.Find("CT1"));
    }

    [Fact]
    public async Task Where_DICOM_must_not_be_open_a_file_that_opens_it_does_not_hold()
    {
        using AeRegistryFile closed = Open(options => options with { MayBeOpen = false });
        Assert.Throws<InvalidDataException>(closed.Load);
        File.WriteAllText(Path, One);
        closed.Load();
        File.WriteAllText(Path, "{}");
        await closed.LookAsync(Cancel);
        await closed.LookAsync(Cancel);
        Assert.NotNull(closed.Problem);
        Assert.False(closed.Current.MayCall("ANYBODY", null));
    }

    [Fact]
    public async Task An_entry_is_added_replaced_and_removed_and_the_rest_of_the_file_stays()
    {
        File.WriteAllText(Path, One);
        _file.Load();
        Assert.Equal(new AeRegistryChange(AeRegistryOutcome.Done, IsNew: true), await PutAsync("PACS", """{ "host": "a", "port": 104 }"""));
        Assert.Equal(104, _file.Current.FindDestination("PACS")!.Port);
        Assert.Equal(new AeRegistryChange(AeRegistryOutcome.Done), await PutAsync("PACS", """{ "aeTitle": "PACS", "host": "a", "port": 105, "description": "Das große Archiv" }"""));
        Assert.Equal(105, _file.Current.FindDestination("PACS")!.Port);

        using AeRegistryFile again = Open();
        again.Load();
        Assert.Equal(["CT1", "PACS"], again.Current.Entities.Select(entity => entity.AeTitle.Value));
        Assert.False(again.Current.AcceptsUnknownCallers);
        Assert.Contains("große", File.ReadAllText(Path), StringComparison.Ordinal);

        Assert.Equal(AeRegistryOutcome.Done, (await _file.RemoveAsync(AeTitle.Parse("PACS"), Cancel)).Outcome);
        Assert.Equal(AeRegistryOutcome.NotFound, (await _file.RemoveAsync(AeTitle.Parse("PACS"), Cancel)).Outcome);
        Assert.Null(_file.Current.Find("PACS"));
        Assert.Equal(["aes.json"], Directory.EnumerateFiles(_folder.Path).Select(System.IO.Path.GetFileName));
    }

    [Fact]
    public async Task The_first_entry_makes_the_file()
    {
        _file.Load();
        Assert.Equal(AeRegistryOutcome.Done, (await PutAsync("PACS", """{ "host": "a", "port": 104 }""")).Outcome);
        Assert.NotNull(JsonNode.Parse(File.ReadAllText(Path)));
        Assert.True(_file.Current.AcceptsUnknownCallers);
    }

    [Fact]
    public async Task An_entry_that_is_not_valid_changes_nothing()
    {
        File.WriteAllText(Path, One);
        _file.Load();
        AeRegistryChange change = await PutAsync("PACS", """{ "host": "a", "port": 104, "color": "red" }""");
        Assert.Equal(AeRegistryOutcome.Invalid, change.Outcome);
        Assert.Contains("color", change.Problem, StringComparison.Ordinal);
        Assert.Equal(One, File.ReadAllText(Path));
    }

    [Fact]
    public async Task What_was_written_to_the_file_a_moment_ago_is_not_lost_by_a_change()
    {
        File.WriteAllText(Path, One);
        _file.Load();
        File.WriteAllText(Path, One.Replace("CT1", "CT2", StringComparison.Ordinal));
        await PutAsync("PACS", """{ "host": "a", "port": 104 }""");
        Assert.Equal(["CT2", "PACS"], _file.Current.Entities.Select(entity => entity.AeTitle.Value));
    }

    [Fact]
    public async Task A_broken_file_is_not_written_over()
    {
        File.WriteAllText(Path, One);
        _file.Load();
        File.WriteAllText(Path, "{");
        Assert.Equal(AeRegistryOutcome.FileIsBroken, (await PutAsync("PACS", """{ "host": "a", "port": 104 }""")).Outcome);
        Assert.Equal("{", File.ReadAllText(Path));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_link_to_the_file_and_its_permissions_stay()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links and modes of POSIX.");
        File.WriteAllText(_folder.File("real.json"), One);
        File.SetUnixFileMode(_folder.File("real.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(Path, _folder.File("real.json"));
        _file.Load();
        Assert.Equal(AeRegistryOutcome.Done, (await PutAsync("PACS", """{ "host": "a", "port": 104 }""")).Outcome);
        Assert.NotNull(new FileInfo(Path).LinkTarget);
        Assert.Contains("PACS", File.ReadAllText(_folder.File("real.json")), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File("real.json")));
    }

    private async Task LookTwiceAsync()
    {
        await _file.LookAsync(Cancel);
        await _file.LookAsync(Cancel);
    }

    private Task<AeRegistryChange> PutAsync(string title, string entry) => _file.PutAsync(AeTitle.Parse(title), JsonNode.Parse(entry)!.AsObject(), Cancel);

    private AeRegistryFile Open(Func<AeRegistryFileOptions, AeRegistryFileOptions>? change = null)
    {
        AeRegistryFileOptions options = new() { Path = Path };
        return new AeRegistryFile(change?.Invoke(options) ?? options, TimeProvider.System, NullLogger<AeRegistryFile>.Instance);
    }
}
