namespace MedicalAi.Dicom;

/// <summary>What a <see cref="DicomReader"/> remembers between two blocks of one data set. One for each data set read.</summary>
/// <param name="syntax">The transfer syntax; of a deflated one the inflated bytes are read.</param>
/// <param name="maxValueLength">The longest value in bytes that is handed out; longer ones are skipped.</param>
/// <param name="stopTag">Reading stops before the first element at the top level that is not below this tag.</param>
public sealed class DicomReaderState(TransferSyntax syntax, int maxValueLength = 64 * 1024, DicomTag? stopTag = null)
{
    /// <summary>The deepest nesting of sequences and items.</summary>
    public const int MaxDepth = 64;

    internal enum Kind : byte
    {
        DataSet,
        Sequence,
        Item,
        Fragments,
    }

    /// <summary>The bytes consumed so far, from the start of the data set.</summary>
    public long Position { get; internal set; }

    /// <summary>Whether the stop tag was reached.</summary>
    public bool Stopped { get; internal set; }

    /// <summary>Why reading ended; null while all is well.</summary>
    public DicomError? Error { get; internal set; }

    internal int MaxValueLength { get; } = maxValueLength;

    internal int MaxBulkLength { get; init; } = int.MaxValue;

    internal DicomTag? StopTag { get; } = stopTag;

    internal int Depth { get; set; }

    internal long Skip { get; set; }

    internal Frame[] Frames { get; } = Start(syntax);

    private static Frame[] Start(TransferSyntax syntax)
    {
        Frame[] frames = new Frame[MaxDepth + 1];
        frames[0] = new Frame(Kind.DataSet, -1, syntax.IsExplicitVr, syntax.IsBigEndian, default);
        return frames;
    }

    /// <summary>What encloses the position; an end of -1 is an undefined length.</summary>
    internal readonly record struct Frame(Kind Kind, long End, bool IsExplicit, bool IsBigEndian, DicomTag Tag);
}
