using System.CommandLine;

namespace MedicalAi.Gateway;

/// <summary><c>gateway users add NAME | remove NAME | list</c>: those who may open associations with a passcode.</summary>
internal static class UsersCommand
{
    private const int LeastPasscode = 12;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<string?> users = new("--users") { Description = "the file of users; default users.json in the data folder" };
        Option<string?> data = new("--data") { Description = "the data folder; default ./data" };
        Argument<string> name = new("NAME") { Description = "the user's name" };
        Command add = new("add", "Adds a user, or gives it another passcode. The passcode is asked for, or read as one line from standard input.") { name, users, data };
        Command remove = new("remove", "Removes a user.") { name, users, data };
        Command list = new("list", "Names the users.") { users, data };
        add.SetAction((parsed, cancellationToken) => GuardedAsync(() => AddAsync(Store(parsed), parsed.GetRequiredValue(name), cancellationToken)));
        remove.SetAction((parsed, cancellationToken) => GuardedAsync(async () => await Store(parsed).RemoveAsync(parsed.GetRequiredValue(name), cancellationToken)
            ? ExitCode.Done
            : throw new CommandFailedException($"There is no user {parsed.GetRequiredValue(name)}.")));
        list.SetAction((parsed, _) => GuardedAsync(() =>
        {
            foreach (string one in Store(parsed).Names)
            {
                Console.WriteLine(one);
            }

            return Task.FromResult(ExitCode.Done);
        }));
        return new Command("users", "Users with passcodes, for the user identity of DICOM associations.") { add, remove, list };

        UserStore Store(ParseResult parsed)
        {
            GatewayOptions options = new();
            options = parsed.GetValue(data) is { } folder ? options with { DataFolder = Path.GetFullPath(folder) } : options;
            return new UserStore((parsed.GetValue(users) is { } file ? options with { UsersFile = Path.GetFullPath(file) } : options).UsersPath);
        }
    }

    private static async Task<int> AddAsync(UserStore store, string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0 || name.Any(char.IsControl))
        {
            throw new CommandFailedException("A user has a name without control characters.");
        }

        string passcode = await ReadPasscodeAsync(cancellationToken);
        if (passcode.Length < LeastPasscode)
        {
            throw new CommandFailedException($"The passcode is shorter than {LeastPasscode} characters.");
        }

        await store.SetAsync(name, passcode, cancellationToken);
        return ExitCode.Done;
    }

    private static async Task<int> GuardedAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(exception.Message);
        }
    }

    private static async ValueTask<string> ReadPasscodeAsync(CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
        {
            return (await Console.In.ReadLineAsync(cancellationToken))?.TrimEnd('\r') ?? "";
        }

        string first = Ask("Passcode: "), second = Ask("Again: ");
        return first == second ? first : throw new CommandFailedException("The two are not the same.");

        static string Ask(string prompt)
        {
            Console.Error.Write(prompt);
            List<char> typed = [];
            while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
            {
                if (key.Key == ConsoleKey.Backspace)
                {
                    typed.RemoveRange(Math.Max(0, typed.Count - 1), Math.Min(1, typed.Count));
                }
                else if (!char.IsControl(key.KeyChar))
                {
                    typed.Add(key.KeyChar);
                }
            }

            Console.Error.WriteLine();
            return new string([.. typed]);
        }
    }
}
