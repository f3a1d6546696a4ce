using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>
/// The registry in its file. A change of the file holds within about a second; a file that is broken, half written or gone changes
/// nothing, and is told. Safe for use by several threads.
/// </summary>
public sealed class AeRegistryFile : RecurringService
{
    // Far more than a hospital has; what is larger is something else.
    private const long MaximumLength = 4 << 20;
    private const string Missing = "there is no such file.";
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly AeRegistryFileOptions _options;
    private readonly AeRegistryContext _context;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private volatile State _state;
    private volatile string? _problem;
    private Look _last;
    private bool _isSuspect;

    /// <summary>The registry of a file, empty until <see cref="Load"/>.</summary>
    public AeRegistryFile(AeRegistryFileOptions options, TimeProvider time, ILogger<AeRegistryFile> logger)
        : base(options?.Poll ?? throw new ArgumentNullException(nameof(options)), time)
    {
        _options = options;
        _context = new AeRegistryContext(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(options.Path))!, options.KnownCallers, options.MayBeOpen) { CanMatch = options.CanMatch };
        _logger = logger;
        _state = new State(new AeRegistry([], [], refusesUnknownCallers: false, options.KnownCallers));
    }

    /// <summary>The registry as it holds now.</summary>
    public AeRegistry Current => _state.Registry;

    /// <summary>What is wrong with the file, so that an older content of it holds; null when nothing is.</summary>
    public string? Problem => _problem;

    /// <summary>Reads the file for the first time.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or is not valid; the message tells all that is wrong.</exception>
    public void Load()
    {
        Look look = Read();
        if (look is { Content: null, Problem: null })
        {
            if (_options.IsRequired || !_options.MayBeOpen)
            {
                throw new InvalidDataException($"{_options.Path}: {Missing}");
            }
        }
        else
        {
            (AeRegistry? registry, string? problem) = Examine(look);
            Replace(registry ?? throw new InvalidDataException($"{_options.Path}: {problem}"));
        }

        _last = look;
        RegistryMetrics.Valid(true);
    }

    /// <summary>Waits until another registry holds than one that was seen.</summary>
    public Task WaitForChangeAsync(AeRegistry seen, CancellationToken cancellationToken)
    {
        State state = _state;
        return ReferenceEquals(state.Registry, seen) ? state.Replaced.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Adds an application entity, or replaces the one of this title, in the file.</summary>
    /// <param name="title">Its AE title.</param>
    /// <param name="entry">The entry as it is to stand in the file; its title may be left out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<AeRegistryChange> PutAsync(AeTitle title, JsonObject entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return ChangeAsync(
            entities =>
            {
                JsonObject put = entry.DeepClone().AsObject();
                put.Remove("aeTitle");
                put.Insert(0, "aeTitle", title.Value);
                int index = IndexOf(entities, title);
                if (index >= 0)
                {
                    entities[index] = put;
                }
                else
                {
                    entities.Add((JsonNode)put);
                }

                return new AeRegistryChange(AeRegistryOutcome.Done, IsNew: index < 0);
            },
            cancellationToken);
    }

    /// <summary>Removes an application entity from the file.</summary>
    public Task<AeRegistryChange> RemoveAsync(AeTitle title, CancellationToken cancellationToken) => ChangeAsync(
        entities =>
        {
            int index = IndexOf(entities, title);
            if (index < 0)
            {
                return new AeRegistryChange(AeRegistryOutcome.NotFound, Problem: $"There is no {title} in the registry.");
            }

            entities.RemoveAt(index);
            return new AeRegistryChange(AeRegistryOutcome.Done);
        },
        cancellationToken);

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        _changing.Dispose();
    }

    /// <summary>Looks at the file once.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            Look look = Read();
            bool isSame = look.IsSameAs(_last);
            if (isSame && !_isSuspect && _problem is null)
            {
                return; // What was wrong may be with a file that it names.
            }

            (AeRegistry? registry, string? problem) = Examine(look);
            _last = look;
            _isSuspect = registry is null && !isSame;
            if (registry is not null)
            {
                Accept(registry);
            }
            else if (!_isSuspect)
            {
                // Seen twice, so that it is not just half written.
                Refuse(problem!);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc />
    protected override Task RunOnceAsync(CancellationToken cancellationToken) => LookAsync(cancellationToken);

    /// <inheritdoc />
    protected override void Failed(Exception exception) => Log.RegistryNotRead(_logger, _options.Path, exception);

    private static int IndexOf(JsonArray entities, AeTitle title)
    {
        for (int i = 0; i < entities.Count; i++)
        {
            // It was read before: each has a title.
            if (AeTitle.Parse(entities[i]!["aeTitle"]!.GetValue<string>()) == title)
            {
                return i;
            }
        }

        return -1;
    }

    private async Task<AeRegistryChange> ChangeAsync(Func<JsonArray, AeRegistryChange> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            // What stands in the file counts, even if it was changed a moment ago.
            Look look = Read();
            bool isNew = look is { Content: null, Problem: null } && _last.Content is null && !_isSuspect && _problem is null;
            if (!isNew && Examine(look) is { Registry: null, Problem: { } problem })
            {
                return new AeRegistryChange(AeRegistryOutcome.FileIsBroken, Problem: $"The file of the registry is to be put right first: {problem}");
            }

            JsonObject file = isNew ? [] : JsonNode.Parse(WithoutMark(look.Content))!.AsObject();
            if (file["entities"] is not JsonArray entities)
            {
                entities = [];
                file["entities"] = entities;
            }

            AeRegistryChange made = change(entities);
            return made.Outcome == AeRegistryOutcome.Done ? await WriteAsync(file, made, cancellationToken) : made;
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<AeRegistryChange> WriteAsync(JsonObject file, AeRegistryChange made, CancellationToken cancellationToken)
    {
        byte[] content = [.. JsonSerializer.SerializeToUtf8Bytes<JsonNode>(file, s_indented), (byte)'\n'];
        (AeRegistry? registry, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read(content, _context);
        if (registry is null)
        {
            // The lines are those of a file that nobody has seen.
            return new AeRegistryChange(AeRegistryOutcome.Invalid, Problem: string.Join(" ", problems.Select(problem => problem with { Line = 0 })));
        }

        try
        {
            await DurableFile.ReplaceAsync(_options.Path, content, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.RegistryNotWritten(_logger, _options.Path, e);
            return new AeRegistryChange(AeRegistryOutcome.NotWritable, Problem: "The file of the registry cannot be written.");
        }

        _last = new Look(content, null);
        Accept(registry);
        return made;
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    private Look Read()
    {
        try
        {
            return new FileInfo(_options.Path) is { Exists: true, Length: > MaximumLength } ? new Look(null, "it is larger than 4 MiB.") : new Look(File.ReadAllBytes(_options.Path), null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Look(null, $"it cannot be read: {e.Message}");
        }
    }

    private (AeRegistry? Registry, string? Problem) Examine(Look look)
    {
        if (look.Content is null)
        {
            return (null, look.Problem ?? Missing);
        }

        (AeRegistry? registry, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read(look.Content, _context);
        return (registry, registry is null ? string.Join(" ", problems) : null);
    }

    private void Accept(AeRegistry registry)
    {
        _isSuspect = false;
        _problem = null;
        Replace(registry);
        Log.RegistryLoaded(_logger, _options.Path, registry.Entities.Count);
        RegistryMetrics.Loaded(true);
    }

    private void Refuse(string problem)
    {
        if (_problem != problem)
        {
            _problem = problem;
            Log.RegistryBroken(_logger, _options.Path, problem);
            RegistryMetrics.Loaded(false);
        }
    }

    private void Replace(AeRegistry registry)
    {
        State old = _state;
        _state = new State(registry);
        old.Replaced.SetResult();
    }

    /// <summary>What was found where the file should be; nothing at all when it is not there.</summary>
    private readonly record struct Look(byte[]? Content, string? Problem)
    {
        public bool IsSameAs(Look other) => Problem == other.Problem && Content is null == other.Content is null && Content.AsSpan().SequenceEqual(other.Content);
    }

    private sealed record State(AeRegistry Registry)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
