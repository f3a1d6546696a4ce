using System.Globalization;
using MedicalAi.Dicom;

namespace MedicalAi.Fuzz;

/// <summary>
/// Runs a check on made-up input again and again, a fixed number of times. The same input for the same number every time: a failure names its number and
/// shows the input. <c>FUZZ_TIMES</c> (1) multiplies the number of inputs; <c>FUZZ_START</c> (0) is the first number.
/// </summary>
internal static class FuzzRun
{
    // No input here takes a healthy parser a second; so many on a busy machine may take a while.
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(5);

    private static readonly double s_times = Setting("FUZZ_TIMES", 1);

    // What is made once and kept is not what an input costs.
    static FuzzRun()
    {
        DicomDictionary.Find("PatientName");
        UidRegistry.Find(DicomUids.Verification);
        PrivateDictionary.Find("SIEMENS MR HEADER", new DicomTag(0x0019, 0x100C));
    }

    /// <summary>Makes inputs and checks them.</summary>
    /// <param name="make">Makes the input of a number; its random numbers depend on that alone.</param>
    /// <param name="check">Throws when something is wrong with what came of the input.</param>
    /// <param name="count">How many.</param>
    public static Task RunAsync(Func<Random, byte[]> make, Action<Random, byte[]> check, int count = 1000) => RunAsync(
        make,
        (random, input) =>
        {
            check(random, input);
            return Task.CompletedTask;
        },
        count);

    /// <summary>The same with a check that waits for something.</summary>
    public static async Task RunAsync(Func<Random, byte[]> make, Func<Random, byte[], Task> check, int count = 1000)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        int number = (int)Setting("FUZZ_START", 0);
        byte[] input = [];
        Task run = Task.Run(
            async () =>
            {
                for (int end = number + (int)(count * s_times); number < end; number++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Random random = new(number);
                    input = make(random);
                    await check(random, input);
                }
            },
            cancellationToken);
        try
        {
            await run.WaitAsync(s_hang * Math.Max(1, s_times), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            string shown = input.Length <= 4096 ? Convert.ToBase64String(input) : $"{input.Length} bytes";
            throw new InvalidOperationException($"Input {number} (FUZZ_START={number}) {(e is TimeoutException ? "did not come to an end" : "failed")}: {e.Message}\n{shown}", e);
        }
    }

    /// <summary>Fails when an action of this thread allocates more than it may.</summary>
    public static T Bounded<T>(long limit, Func<T> action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        T result = action();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= limit, $"{allocated} bytes were allocated, over the {limit} that the input may cost.");
        return result;
    }

    private static double Setting(string name, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : otherwise;
}
