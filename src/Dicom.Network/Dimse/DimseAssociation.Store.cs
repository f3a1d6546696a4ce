namespace MedicalAi.Dicom.Network;

/// <content>Verification and Storage as SCU.</content>
public abstract partial class DimseAssociation
{
    /// <summary>C-ECHO (PS3.7 9.1.5).</summary>
    /// <exception cref="DicomNetworkException">Verification was not accepted, or the association failed.</exception>
    public ValueTask<DimseResponse> EchoAsync(CancellationToken cancellationToken) =>
        InvokeAsync(RequireContext(DicomUids.Verification), new DimseCommand { CommandField = DimseCommand.CEchoRequest, SopClass = DicomUids.Verification }, null, cancellationToken);

    /// <summary>
    /// C-STORE (PS3.7 9.1.1) of a data set as it stands in a stream. In an accepted context of the same transfer syntax its bytes
    /// are sent as they are; a native one is rewritten where only another native syntax was accepted. So is one of odd length, which
    /// cannot be sent as it is (PS3.8 section 9.3.5.1); a deflated one gets its padding (PS3.5 A.5). Memory is that of a PDU or two.
    /// </summary>
    /// <param name="sopClass">Its SOP class.</param>
    /// <param name="sopInstance">Its SOP instance.</param>
    /// <param name="syntax">The transfer syntax in which the stream holds it.</param>
    /// <param name="dataSet">The data set, without file meta information, from the stream's position to its end.</param>
    /// <param name="options">Priority, origin and what else is known.</param>
    /// <param name="cancellationToken">Gives up, and aborts the association.</param>
    /// <exception cref="DicomNetworkException">No context fits (then the association goes on), or the association failed.</exception>
    /// <exception cref="InvalidDataException">
    /// The data set cannot be read, where it has to be rewritten. The association goes on if the stream can seek: then it is looked through
    /// before anything is sent.
    /// </exception>
    public async ValueTask<DimseResponse> StoreAsync(DicomUid sopClass, DicomUid sopInstance, TransferSyntax syntax, Stream dataSet, StoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        ArgumentNullException.ThrowIfNull(dataSet);
        NegotiatedContext context = Choose(sopClass, syntax);
        long? length = options.Length ?? (dataSet.CanSeek ? dataSet.Length - dataSet.Position : null);
        if (context.TransferSyntax == syntax && (length is null or 0 || length % 2 == 0 || syntax.IsDeflated))
        {
            return await SendAsync(context, sopInstance, dataSet, options, cancellationToken);
        }

        if (dataSet.CanSeek)
        {
            // An error in the middle of a message would cost the association.
            long begin = dataSet.Position;
            await using RewritingStream trial = new(dataSet, syntax, context.TransferSyntax!);
            await trial.CopyToAsync(Stream.Null, cancellationToken);
            dataSet.Position = begin;
        }

        await using RewritingStream rewritten = new(dataSet, syntax, context.TransferSyntax!);
        return await SendAsync(context, sopInstance, rewritten, options, cancellationToken);
    }

    /// <inheritdoc cref="StoreAsync(DicomUid, DicomUid, TransferSyntax, Stream, StoreOptions, CancellationToken)"/>
    public ValueTask<DimseResponse> StoreAsync(DicomUid sopClass, DicomUid sopInstance, TransferSyntax syntax, Stream dataSet, CancellationToken cancellationToken) =>
        StoreAsync(sopClass, sopInstance, syntax, dataSet, default, cancellationToken);

    /// <summary>C-STORE of a data set in memory, in the given transfer syntax or, when it is uncompressed, in another that was accepted.</summary>
    /// <param name="dataSet">The data set; it names its SOP class and instance.</param>
    /// <param name="syntax">The transfer syntax of its pixel data, and the one preferred.</param>
    /// <param name="cancellationToken">Gives up, and aborts the association.</param>
    /// <exception cref="ArgumentException">The data set lacks its SOP Class or SOP Instance UID.</exception>
    /// <exception cref="NotSupportedException">The data set holds bulk values that are not in memory.</exception>
    /// <exception cref="DicomNetworkException">No context fits (then the association goes on), or the association failed.</exception>
    public async ValueTask<DimseResponse> StoreAsync(DicomDataSet dataSet, TransferSyntax syntax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(syntax);
        if (dataSet.GetUid(DicomTags.SOPClassUID) is not { } sopClass || dataSet.GetUid(DicomTags.SOPInstanceUID) is not { } sopInstance)
        {
            throw new ArgumentException("The data set has no SOP Class UID or no SOP Instance UID.", nameof(dataSet));
        }

        NegotiatedContext context = Choose(sopClass, syntax);
        using MemoryStream bytes = new(DicomDataSetWriter.ToBytes(dataSet, context.TransferSyntax!), writable: false);
        return await SendAsync(context, sopInstance, bytes, default, cancellationToken);
    }

    /// <summary>C-STORE of a file, its data set as in <see cref="StoreAsync(DicomUid, DicomUid, TransferSyntax, Stream, StoreOptions, CancellationToken)"/>.</summary>
    /// <param name="file">What is known of the file.</param>
    /// <param name="cancellationToken">Gives up, and aborts the association.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="DicomNetworkException">No context fits (then the association goes on), or the association failed.</exception>
    /// <exception cref="InvalidDataException">The data set cannot be read, where it has to be rewritten; the association goes on.</exception>
    public async ValueTask<DimseResponse> StoreAsync(InstanceFile file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        await using FileStream stream = new(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        stream.Position = file.DataSetOffset;
        return await StoreAsync(file.SopClass, file.SopInstance, file.TransferSyntax, stream, cancellationToken);
    }

    /// <summary>Whether an instance can be sent: its SOP class was accepted in its transfer syntax or, where that is native, in another such.</summary>
    public bool CanStore(DicomUid sopClass, TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        return FindStoreContext(sopClass, syntax) is not null;
    }

    private NegotiatedContext? FindStoreContext(DicomUid sopClass, TransferSyntax syntax)
    {
        IEnumerable<NegotiatedContext> accepted = Contexts.Where(context => context.AbstractSyntax == sopClass && context.IsAccepted && context.Roles.HasFlag(AssociationRoles.Scu));
        if (accepted.FirstOrDefault(context => context.TransferSyntax == syntax) is { } same)
        {
            return same;
        }

        if (!syntax.IsNative)
        {
            return null;
        }

        foreach (TransferSyntax fallback in PresentationContext.Fallbacks)
        {
            if (accepted.FirstOrDefault(context => context.TransferSyntax == fallback) is { } other)
            {
                return other;
            }
        }

        return accepted.FirstOrDefault(context => context.TransferSyntax!.IsNative);
    }

    private NegotiatedContext Choose(DicomUid sopClass, TransferSyntax syntax)
    {
        if (FindStoreContext(sopClass, syntax) is { } context)
        {
            return context;
        }

        string name = UidRegistry.Find(sopClass)?.Name ?? sopClass.Value;
        throw new DicomNetworkException(NetworkFailure.NotNegotiated, Contexts.Any(context => context.AbstractSyntax == sopClass && context.Result == 3)
            ? $"The peer does not take {name}."
            : $"The peer does not take {name} in {syntax.Name}{(syntax.IsNative ? " or another uncompressed transfer syntax" : "")}.");
    }

    private ValueTask<DimseResponse> SendAsync(NegotiatedContext context, DicomUid sopInstance, Stream dataSet, StoreOptions options, CancellationToken cancellationToken) => InvokeWithAsync(
        context,
        new DimseCommand
        {
            CommandField = DimseCommand.CStoreRequest,
            SopClass = context.AbstractSyntax,
            SopInstance = sopInstance,
            Priority = options.Priority,
            HasDataSet = true,
            MoveOriginator = options.MoveOriginator,
            MoveOriginatorMessageId = options.MoveOriginatorMessageId,
        },
        (id, command, token) => Messages.SendAsync(id, command, dataSet, token),
        cancellationToken);
}

/// <summary>What a C-STORE says beside its data set.</summary>
/// <param name="Priority">Priority (0000,0700): 0 medium, 1 high, 2 low.</param>
/// <param name="MoveOriginator">The AE title that asked for the C-MOVE of which this is a sub-operation; null when it is none.</param>
/// <param name="MoveOriginatorMessageId">The message ID of that C-MOVE.</param>
public readonly record struct StoreOptions(ushort Priority = 0, string? MoveOriginator = null, ushort MoveOriginatorMessageId = 0)
{
    /// <summary>The length of the data set in bytes, where it is known and the stream cannot tell it.</summary>
    public long? Length { get; init; }
}
