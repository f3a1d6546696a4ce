using System.CommandLine;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>The peer of a command that calls one, with the flags that say how.</summary>
internal sealed class PeerFlags
{
    private SettingFlags? _settings;
    private TlsFlags? _tls;

    /// <summary>The argument, which comes before the others.</summary>
    public Argument<Destination> Argument { get; } = Destination.Argument();

    /// <summary>Adds the flags to a command that has the argument.</summary>
    public void AddTo(Command command)
    {
        _settings = SettingFlags.AddTo(command, "AeTitle", "Aes", "Data");
        _tls = TlsFlags.AddTo(command);
    }

    /// <summary>The peer that a command line names.</summary>
    /// <exception cref="ConfigurationException">It is not known, or the settings cannot be understood.</exception>
    public Peer Read(ParseResult parsed) => Read(parsed, parsed.GetRequiredValue(Argument));

    /// <summary>A peer that a command line names in another way than by the argument.</summary>
    /// <exception cref="ConfigurationException">It is not known, or the settings cannot be understood.</exception>
    public Peer Read(ParseResult parsed, Destination destination) =>
        new(destination.ToString(), destination.ToClientOptions(_settings!.Read(parsed), _tls!.Read(parsed)));
}

/// <summary>A peer that a command calls.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Options">How it is called.</param>
internal sealed record Peer(string Name, DicomClientOptions Options)
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    /// <summary>Does work on an association, and releases it: also when the work is cancelled, after its C-CANCEL.</summary>
    /// <param name="contexts">What to propose.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="services">Who performs what the peer asks for.</param>
    /// <exception cref="CommandFailedException">The association or an operation failed.</exception>
    public async Task<T> CallAsync<T>(IEnumerable<PresentationContext> contexts, Func<DicomClient, Task<T>> work, CancellationToken cancellationToken, params IReadOnlyList<DimseService> services)
    {
        try
        {
            await using DicomClient client = await DicomClient.ConnectAsync(Options with { Services = services, MaxOperationsPerformed = (ushort)(services.Count > 0 ? 8 : 1) }, contexts, cancellationToken);
            try
            {
                return await work(client);
            }
            finally
            {
                await ReleaseAsync(client);
            }
        }
        catch (Exception e) when (e is DicomNetworkException or DimseFailureException)
        {
            throw new CommandFailedException($"{Name}: {e.Message}", e);
        }
    }

    private static async Task ReleaseAsync(DicomClient client)
    {
        using CancellationTokenSource limit = new(s_farewell);
        try
        {
            if (client.IsEstablished)
            {
                await client.ReleaseAsync(limit.Token);
            }
        }
        catch (Exception e) when (e is DicomNetworkException or OperationCanceledException)
        {
            // The work has its end: how the association ends changes nothing.
        }
    }
}
