using System.Text.Json;
using MedicalAi.Archive;
using Microsoft.AspNetCore.Identity;

namespace MedicalAi.Gateway;

/// <summary>The users and the hashes of their passcodes (PBKDF2), in a file. A change of the file holds for the next who comes.</summary>
internal sealed class UserStore(string path)
{
    private static readonly PasswordHasher<string> s_hasher = new();

    // A hash to compare with where there is no such user; made when it is needed first, as making it takes its time.
    private static readonly Lazy<string> s_nobody = new(() => s_hasher.HashPassword("", Guid.NewGuid().ToString()));
    private readonly Lock _gate = new();

    // Under the gate: what was read last, and of when and how long the file then was.
    private (DateTime Written, long Length, Dictionary<string, string> Hashes) _read = (default, -1, []);

    /// <summary>The names, in order.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read.</exception>
    public IReadOnlyList<string> Names => [.. Read().Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether there is a user of this name.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read.</exception>
    public bool Contains(string name) => Read().ContainsKey(name);

    /// <summary>Whether a passcode is that of a user. Takes about as long for a user that is not there.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read.</exception>
    public bool Verify(string name, string passcode)
    {
        bool isKnown = Read().TryGetValue(name, out string? hash);
        return s_hasher.VerifyHashedPassword(name, hash ?? s_nobody.Value, passcode) != PasswordVerificationResult.Failed && isKnown;
    }

    /// <summary>Adds a user, or gives it another passcode.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public Task SetAsync(string name, string passcode, CancellationToken cancellationToken) =>
        WriteAsync(new(Read(), StringComparer.Ordinal) { [name] = s_hasher.HashPassword(name, passcode) }, cancellationToken);

    /// <summary>Removes a user; false when there is none of this name.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        Dictionary<string, string> hashes = new(Read(), StringComparer.Ordinal);
        if (!hashes.Remove(name))
        {
            return false;
        }

        await WriteAsync(hashes, cancellationToken);
        return true;
    }

    private Task WriteAsync(Dictionary<string, string> hashes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return DurableFile.ReplaceAsync(path, JsonSerializer.SerializeToUtf8Bytes(hashes, ApiJson.Default.DictionaryStringString), cancellationToken, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private Dictionary<string, string> Read()
    {
        lock (_gate)
        {
            try
            {
                FileInfo file = new(path);
                if (!file.Exists)
                {
                    _read = (default, -1, []);
                }
                else if (file.LastWriteTimeUtc != _read.Written || file.Length != _read.Length)
                {
                    _read = (file.LastWriteTimeUtc, file.Length, JsonSerializer.Deserialize(File.ReadAllBytes(path), ApiJson.Default.DictionaryStringString) ?? []);
                }

                return _read.Hashes;
            }
            catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"The users in {path} cannot be read: {exception.Message}", exception);
            }
        }
    }
}
