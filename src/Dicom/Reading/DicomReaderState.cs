namespace MedicalAi.Dicom;

/// <summary>What a <see cref="DicomReader"/> remembers between two blocks of one data set. One for each data set read.</summary>
/// <param name="syntax">The transfer syntax; of a deflated one the inflated bytes are read.</param>
/// <param name="maxValueLength">The longest value in bytes that is handed out; longer ones are skipped.</param>
/// <param name="stopTag">Reading stops before the first element at the top level that is not below this tag.</param>
public sealed class DicomReaderState(TransferSyntax syntax, int maxValueLength = 64 * 1024, DicomTag? stopTag = null)
{
    /// <summary>The deepest nesting of sequences and items, each counted: 64 sequences within each other.</summary>
    public const int MaxDepth = 128;

    /// <summary>The longest offset table that is handed out whatever the limits: enough for a million frames, or half of that.</summary>
    internal const int MaxOffsetTableLength = 4 * 1024 * 1024;

    private Frame[] _frames = Start(syntax);

    internal enum Kind : byte
    {
        DataSet,
        Sequence,
        Item,
        Fragments,
    }

    /// <summary>A state for reading within the limits of the options.</summary>
    internal DicomReaderState(TransferSyntax syntax, DicomReadOptions options)
        : this(syntax, options.MaxValueLength, options.StopTag) => MaxBulkLength = options.MaxBulkLength;

    /// <summary>The bytes consumed so far, from the start of the data set.</summary>
    public long Position { get; internal set; }

    /// <summary>Whether the stop tag was reached.</summary>
    public bool Stopped { get; internal set; }

    /// <summary>Why reading ended; null while all is well.</summary>
    public DicomError? Error { get; internal set; }

    internal int MaxValueLength { get; } = maxValueLength;

    internal int MaxBulkLength { get; init; } = int.MaxValue;

    /// <summary>The deepest nesting of what is read, where what encloses it has taken of <see cref="MaxDepth"/>.</summary>
    internal int DepthLimit { get; init; } = MaxDepth;

    internal DicomTag? StopTag { get; } = stopTag;

    internal int Depth { get; private set; }

    internal long Skip { get; set; }

    /// <summary>Whether the next fragment is the basic offset table.</summary>
    internal bool IsOffsetTable { get; set; }

    /// <summary>Where the last item began: what its first element shows holds for the others.</summary>
    internal long ItemBegin { get; set; }

    /// <summary>What was let pass since this was set to none.</summary>
    internal DicomDepartures Departures { get; set; }

    internal ref readonly Frame Current => ref _frames[Depth];

    /// <summary>Enters a sequence, an item or fragments; false at the limit of nesting.</summary>
    internal bool Push(in Frame frame)
    {
        if (Depth >= DepthLimit)
        {
            return false;
        }

        if (++Depth == _frames.Length)
        {
            Array.Resize(ref _frames, _frames.Length * 2);
        }

        _frames[Depth] = frame;
        return true;
    }

    /// <summary>Begins within the value of a sequence; false at the limit of nesting.</summary>
    internal bool EnterSequence(DicomTag tag, long length) => Push(Current with { Kind = Kind.Sequence, Tag = tag, End = length, Limit = length });

    internal void Pop() => Depth--;

    /// <summary>Takes the rest of the item at the position as explicit VR.</summary>
    internal void SwitchToExplicit() => _frames[Depth] = _frames[Depth] with { IsExplicit = true };

    private static Frame[] Start(TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        Frame[] frames = new Frame[8];
        frames[0] = new Frame(Kind.DataSet, syntax.IsExplicitVr, syntax.IsBigEndian, default, -1, long.MaxValue);
        return frames;
    }

    /// <summary>What encloses the position.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="IsExplicit">Whether elements in it name their VR.</param>
    /// <param name="IsBigEndian">Whether numbers in it have their high byte first.</param>
    /// <param name="Tag">The tag of the sequence or item.</param>
    /// <param name="End">Where it ends; -1 for an undefined length.</param>
    /// <param name="Limit">Where the innermost one of defined length ends that it is or stands in.</param>
    internal readonly record struct Frame(Kind Kind, bool IsExplicit, bool IsBigEndian, DicomTag Tag, long End, long Limit);
}
