namespace MedicalAi.Dicom;

public sealed partial class DicomDataSet
{
    /// <summary>Reads a data set from memory. Values point into <paramref name="bytes"/> where they need no change.</summary>
    /// <param name="bytes">The whole data set in the transfer syntax, deflated where that says so.</param>
    /// <param name="syntax">The transfer syntax.</param>
    /// <param name="options">The limits; everything is kept when none are given.</param>
    public static ParseResult<DicomDataSet> Parse(ReadOnlyMemory<byte> bytes, TransferSyntax syntax, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        options ??= DicomReadOptions.Default;
        if (syntax.IsDeflated)
        {
            using DicomStreamParser parser = new(syntax, options);
            parser.Append(bytes.Span);
            return parser.Complete();
        }

        DataSetBuilder builder = new(options);
        DicomReaderState state = new(syntax, options);
        DicomReader reader = new(bytes.Span, isFinalBlock: true, state);
        while (reader.Read())
        {
            if (builder.Take(ref reader, bytes) is { } error)
            {
                return error;
            }
        }

        DicomDataSet dataSet = builder.Finish();
        return state.Error is { } failed ? failed : dataSet;
    }

    /// <summary>Appends an element that comes after all others; false, and nothing done, when it does not.</summary>
    internal bool Append(DicomElement element)
    {
        if (_elements.Count > 0 && element.Tag <= _elements[^1].Tag)
        {
            return false;
        }

        if (element.Tag == DicomTags.SpecificCharacterSet)
        {
            _characterSet = null;
        }

        _elements.Add(element);
        return true;
    }
}
