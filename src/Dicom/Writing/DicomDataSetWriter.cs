using System.Buffers;
using System.IO.Compression;

namespace MedicalAi.Dicom;

/// <summary>
/// Writes data sets (PS3.5 chapter 7) in every encoding. Sequences and items have undefined lengths, so that nothing has to be
/// measured first; group lengths, which are retired and would be wrong, are left out; odd values get their padding.
/// </summary>
public static class DicomDataSetWriter
{
    /// <summary>Writes a data set; compressed by deflate where the transfer syntax says so. Pixel data is written as it is held.</summary>
    /// <exception cref="NotSupportedException">A value was left where it came from or is named by a URI (<see cref="DicomElement.IsElsewhere"/>).</exception>
    public static void Write(DicomDataSet dataSet, TransferSyntax syntax, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(syntax);
        ArgumentNullException.ThrowIfNull(output);
        if (!syntax.IsDeflated)
        {
            WriteElements(dataSet, ElementEncoding.Of(syntax), output);
            return;
        }

        ArrayBufferWriter<byte> plain = new();
        WriteElements(dataSet, ElementEncoding.Of(syntax), plain);
        if (plain.WrittenCount == 0)
        {
            // The framework's deflater writes nothing at all for nothing: this is its empty block.
            output.Write<byte>([0x03, 0x00]);
            return;
        }

        using MemoryStream deflated = new();
        using (DeflateStream deflate = new(deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(plain.WrittenSpan);
        }

        if (deflated.Length % 2 == 1)
        {
            deflated.WriteByte(0);
        }

        output.Write(deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
    }

    /// <summary>Writes a data set to a new array.</summary>
    /// <exception cref="NotSupportedException">A value was left where it came from or is named by a URI (<see cref="DicomElement.IsElsewhere"/>).</exception>
    public static byte[] ToBytes(DicomDataSet dataSet, TransferSyntax syntax)
    {
        ArrayBufferWriter<byte> output = new();
        Write(dataSet, syntax, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes a data set some values of which were left in the file that it was read from: they are copied from there, in parts.</summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="syntax">The transfer syntax, the one in which it was read; none that is deflated.</param>
    /// <param name="source">Where values were left; it can be positioned.</param>
    /// <param name="origin">Where in it the data set began.</param>
    /// <param name="output">Where it is written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotSupportedException">A value is named by a URI, or the transfer syntax is deflated.</exception>
    /// <exception cref="IOException">The source cannot be read or ends early, or the output cannot be written.</exception>
    public static async Task WriteAsync(DicomDataSet dataSet, TransferSyntax syntax, Stream source, long origin, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(syntax);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(output);
        if (syntax.IsDeflated)
        {
            throw new NotSupportedException("Values cannot be left in a data set that is deflated.");
        }

        GappedOutput written = new();
        WriteElements(dataSet, ElementEncoding.Of(syntax), written);
        await written.CopyToAsync(source, origin, output, cancellationToken);
    }

    private static void WriteElements(DicomDataSet dataSet, ElementEncoding encoding, IBufferWriter<byte> output)
    {
        foreach (DicomElement element in dataSet)
        {
            if (element.Tag.IsGroupLength)
            {
                continue;
            }

            if (element.Bulk is { } place && output is GappedOutput gapped)
            {
                WriteLeft(element, place, encoding, gapped);
            }
            else if (element.IsElsewhere)
            {
                throw new NotSupportedException($"The value of {element.Tag} is not in memory: {(element.Bulk is null ? "it was named by a URI" : "it was left where it came from")}.");
            }
            else if (element.Items is { } items)
            {
                WriteSequence(element.Tag, items, encoding, output);
            }
            else if (element.Fragments is { } fragments)
            {
                WriteFragments(element, fragments, encoding, output);
            }
            else
            {
                WriteValue(element, encoding, output);
            }
        }
    }

    private static void WriteSequence(DicomTag tag, IReadOnlyList<DicomDataSet> items, ElementEncoding encoding, IBufferWriter<byte> output)
    {
        encoding.WriteHeader(tag, Vr.SQ, items.Count == 0 ? 0 : ElementEncoding.Undefined, output);
        foreach (DicomDataSet item in items)
        {
            bool hasElements = HasElements(item);
            encoding.WriteItem(hasElements ? ElementEncoding.Undefined : 0, output);
            if (hasElements)
            {
                WriteElements(item, encoding, output);
                encoding.WriteItemEnd(output);
            }
        }

        if (items.Count > 0)
        {
            encoding.WriteSequenceEnd(output);
        }
    }

    // Group lengths are not written.
    private static bool HasElements(DicomDataSet item)
    {
        foreach (DicomElement element in item)
        {
            if (!element.Tag.IsGroupLength)
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteFragments(DicomElement element, DicomFragments fragments, ElementEncoding encoding, IBufferWriter<byte> output)
    {
        encoding.WriteHeader(element.Tag, element.Vr, ElementEncoding.Undefined, output);
        WriteFragment(fragments.OffsetTable, encoding, output);
        foreach (DicomFragment fragment in fragments.Items)
        {
            if (!fragment.Value.IsEmpty || fragment.Location.Length == 0)
            {
                WriteFragment(fragment.Value, encoding, output);
            }
            else if (output is GappedOutput gapped)
            {
                encoding.WriteItem(ElementEncoding.Even(fragment.Location.Length), output);
                gapped.Leave(fragment.Location);
                ElementEncoding.Pad(fragment.Location.Length, 0, output);
            }
            else
            {
                throw new NotSupportedException($"A fragment of {element.Tag} was left where it came from.");
            }
        }

        encoding.WriteSequenceEnd(output);
    }

    private static void WriteFragment(ReadOnlyMemory<byte> value, ElementEncoding encoding, IBufferWriter<byte> output)
    {
        encoding.WriteItem(ElementEncoding.Even(value.Length), output);
        output.Write(value.Span);
        ElementEncoding.Pad(value.Length, 0, output);
    }

    private static void WriteValue(DicomElement element, ElementEncoding encoding, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> value = element.Value.Span;
        Vr vr = element.Vr == Vr.None ? Vr.UN : element.Vr;
        uint length = ElementEncoding.Even(value.Length);
        Vr written = encoding.WrittenVr(vr, length);
        encoding.WriteHeader(element.Tag, written, length, output);
        int unit = encoding.TurnedUnit(written);
        if (unit > 1 && !value.IsEmpty)
        {
            Span<byte> target = output.GetSpan(value.Length)[..value.Length];
            value.CopyTo(target);
            ByteOrder.Reverse(target, unit);
            output.Advance(value.Length);
        }
        else
        {
            output.Write(value);
        }

        ElementEncoding.Pad(value.Length, vr.PaddingByte(), output);
    }

    private static void WriteLeft(DicomElement element, BulkLocation place, ElementEncoding encoding, GappedOutput output)
    {
        uint length = ElementEncoding.Even(place.Length);
        encoding.WriteHeader(element.Tag, encoding.WrittenVr(element.Vr, length), length, output);
        output.Leave(place);
        ElementEncoding.Pad(place.Length, element.Vr.PaddingByte(), output);
    }
}
