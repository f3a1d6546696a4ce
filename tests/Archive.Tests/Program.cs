using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace MedicalAi.Archive.Tests;

/// <summary>The tests, or the process that the test of crashes kills.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        args is [CrashingProcess.Argument, string folder, string name] ? CrashingProcess.RunAsync(folder, name)
        : args.Any(arg => arg is "-automated" or "@@") ? ConsoleRunner.Run(args)
        : TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
