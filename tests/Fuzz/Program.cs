using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace MedicalAi.Fuzz;

/// <summary>The tests, or the long run.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        args is ["--long", .. string[] rest] ? LongRun.RunAsync(rest, LongRun.SeedFolder, Console.Out)
        : args.Any(arg => arg is "-automated" or "@@") ? ConsoleRunner.Run(args)
        : TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
