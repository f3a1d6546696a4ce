using System.IO.Compression;

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
            ParseResult<byte[]> inflated = Inflate(bytes, options.MaxTotalLength);
            if (!inflated.Ok)
            {
                return inflated.Error;
            }

            bytes = inflated.Value;
        }

        DataSetBuilder builder = new(syntax, options);
        DicomReaderState state = new(syntax, options.MaxValueLength, options.StopTag) { MaxBulkLength = options.MaxBulkLength };
        DicomReader reader = new(bytes.Span, isFinalBlock: true, state);
        while (reader.Read())
        {
            if (builder.Take(ref reader, bytes) is { } error)
            {
                return error;
            }
        }

        return state.Error is { } failed ? failed : builder.Top;
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

    private static ParseResult<byte[]> Inflate(ReadOnlyMemory<byte> bytes, long limit)
    {
        using MemoryStream source = new(bytes.ToArray(), writable: false);
        using DeflateStream inflate = new(source, CompressionMode.Decompress);
        using MemoryStream target = new();
        byte[] block = new byte[64 * 1024];
        try
        {
            for (int count; (count = inflate.Read(block)) > 0;)
            {
                if (target.Length + count > limit)
                {
                    return new DicomError(DicomErrorKind.TooLarge, "The inflated data set is longer than the limit.", source.Position);
                }

                target.Write(block, 0, count);
            }
        }
        catch (InvalidDataException)
        {
            return new DicomError(DicomErrorKind.CorruptDeflate, "The deflated data set cannot be inflated.", source.Position);
        }

        return target.ToArray();
    }
}
