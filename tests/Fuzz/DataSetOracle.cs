using System.Globalization;
using System.Text;
using System.Xml.Linq;
using MedicalAi.Dicom;

namespace MedicalAi.Fuzz;

/// <summary>What must be true of any bytes that are read as a data set.</summary>
internal static class DataSetOracle
{
    // What a byte of input may cost: the cheapest thing that makes an object is an empty item of 8 bytes.
    private const int PerByte = 64;
    private const int PerRead = 512 * 1024;

    /// <summary>What was read as comparable text: the data set with all its values, or the cause of the error.</summary>
    public static string Describe(ParseResult<DicomDataSet> read)
    {
        if (!read.Ok)
        {
            Assert.NotEmpty(read.Error.Message);
            return read.Error.Kind.ToString();
        }

        return Encoding.UTF8.GetString(DicomJson.ToBytes(read.Value, Describe));
    }

    /// <summary>Reads whole and in blocks, writes again, shows: the same every time, and nothing thrown.</summary>
    public static void Check(Random random, byte[] bytes, TransferSyntax syntax)
    {
        foreach (DicomReadOptions options in new[] { DicomReadOptions.Default, DicomReadOptions.Header })
        {
            ParseResult<DicomDataSet> whole = syntax.IsDeflated
                ? DicomDataSet.Parse(bytes, syntax, options)
                : FuzzRun.Bounded((PerByte * (long)bytes.Length) + PerRead, () => DicomDataSet.Parse(bytes, syntax, options));
            string description = Describe(whole);

            using DicomStreamParser parser = new(syntax, options);
            foreach (byte[] block in Mutator.Blocks(random, bytes))
            {
                if (parser.Append(block) is not null)
                {
                    break;
                }
            }

            ParseResult<DicomDataSet> parts = parser.Complete();
            Assert.True(AreSame(whole.Error, parts.Error, syntax), $"whole: {whole.Error}, in blocks: {parts.Error}");
            Assert.True(!whole.Ok || description == Describe(parts), "other values in blocks");
            DicomDump.Write(parser.DataSet, TextWriter.Null);
            if (whole.Ok)
            {
                DicomDump.Write(whole.Value, TextWriter.Null);
                if (options == DicomReadOptions.Default)
                {
                    WriteAndReadAgain(whole.Value, syntax);
                    using MemoryStream xml = new(DicomXml.ToBytes(whole.Value));
                    Assert.NotNull(XDocument.Load(xml).Root);
                }
            }
        }
    }

    /// <summary>Whether two errors say the same.</summary>
    public static bool AreSame(DicomError? whole, DicomError? parts, TransferSyntax syntax)
    {
        if (syntax.IsDeflated)
        {
            // Bytes that cannot be inflated are met before or after what is wrong with those before them, as the blocks fall.
            return whole is null == parts is null;
        }

        // Of a value over 1 GiB, which is not put together from blocks, the end is missed and not the beginning.
        return whole?.Kind == parts?.Kind && (whole?.Offset == parts?.Offset || whole?.Kind == DicomErrorKind.Truncated);
    }

    /// <summary>What is written of what was read is read the same again; once written, to the byte.</summary>
    private static void WriteAndReadAgain(DicomDataSet dataSet, TransferSyntax syntax)
    {
        byte[] written = DicomDataSetWriter.ToBytes(dataSet, syntax);
        ParseResult<DicomDataSet> again = DicomDataSet.Parse(written, syntax);
        Assert.True(again.Ok, $"What we wrote is not read: {again.Error}");
        Assert.Equal(written, DicomDataSetWriter.ToBytes(again.Value, syntax));
    }

    private static string? Describe(string path, DicomElement element)
    {
        if (element.Bulk is { } bulk)
        {
            return bulk.ToString();
        }

        if (element.Fragments is not { } fragments)
        {
            return null;
        }

        HashCode hash = default;
        hash.AddBytes(fragments.OffsetTable.Span);
        foreach (DicomFragment fragment in fragments.Items)
        {
            hash.Add(fragment.Location);
            hash.AddBytes(fragment.Value.Span);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{fragments.Items.Count} fragments {hash.ToHashCode()}");
    }
}
