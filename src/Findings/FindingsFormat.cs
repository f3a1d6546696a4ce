using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using MedicalAi.Dicom;

namespace MedicalAi.Findings;

/// <summary>
/// Findings as bytes: <c>MFND</c>, a version byte, the lengths of the two parts (32 bits each, little-endian), the JSON without the
/// labels, and the labels as a zlib stream (RFC 1950), of length 0 when there is no label map. Nothing follows.
/// </summary>
internal static class FindingsFormat
{
    private const byte FormatVersion = 1;
    private const int HeaderLength = 13;

    // The most that deflate can shrink (1032 times), rounded up: a larger claim is a lie, and no memory is set aside for it.
    private const long MaximumRatio = 1100;

    private static ReadOnlySpan<byte> Magic => "MFND"u8;

    public static ReadOnlyMemory<byte> Write(StudyFindings findings)
    {
        if (FindingsRules.FindProblem(findings) is { } problem)
        {
            throw new InvalidOperationException($"The findings cannot be saved: {problem}");
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(findings, FindingsJson.Default.StudyFindings);
        using MemoryStream output = new();
        output.SetLength(HeaderLength);
        output.Position = HeaderLength;
        output.Write(json);
        if (findings.Segmentation is { } segmentation)
        {
            using ZLibStream deflate = new(output, CompressionLevel.Fastest, leaveOpen: true);
            deflate.Write(segmentation.Labels.Span);
        }

        byte[] bytes = output.ToArray();
        Magic.CopyTo(bytes);
        bytes[4] = FormatVersion;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), json.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), bytes.Length - HeaderLength - json.Length);
        return bytes;
    }

    public static ParseResult<StudyFindings> Read(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < HeaderLength || !span.StartsWith(Magic))
        {
            return new DicomError(DicomErrorKind.InvalidText, "These are not findings.");
        }

        if (span[4] != FormatVersion)
        {
            return new DicomError(DicomErrorKind.InvalidText, $"Findings of format {span[4]} are not known to this version.", 4);
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(span[5..]);
        int labelsLength = BinaryPrimitives.ReadInt32LittleEndian(span[9..]);
        if (length < 0 || labelsLength < 0 || (long)HeaderLength + length + labelsLength != span.Length)
        {
            return new DicomError(DicomErrorKind.InvalidLength, "The findings are longer or shorter than they say.", 5);
        }

        StudyFindings? findings;
        try
        {
            findings = JsonSerializer.Deserialize(span.Slice(HeaderLength, length), FindingsJson.Default.StudyFindings);
        }
        catch (JsonException e)
        {
            return new DicomError(DicomErrorKind.InvalidText, $"The findings' JSON cannot be read at {e.Path}.", HeaderLength);
        }

        if (findings is null)
        {
            return new DicomError(DicomErrorKind.InvalidText, "The findings' JSON is null.", HeaderLength);
        }

        int end = HeaderLength + length;
        if (findings.Segmentation is { } segmentation)
        {
            ParseResult<byte[]> labels = ReadLabels(segmentation, bytes[end..]);
            if (!labels.Ok)
            {
                return labels.Error with { Offset = end };
            }

            findings = findings with { Segmentation = segmentation with { Labels = labels.Value } };
        }
        else if (labelsLength != 0)
        {
            return new DicomError(DicomErrorKind.InvalidLength, "There are labels without a label map.", end);
        }

        return FindingsRules.FindProblem(findings) is { } problem ? new DicomError(DicomErrorKind.InvalidText, problem, HeaderLength) : findings;
    }

    private static ParseResult<byte[]> ReadLabels(LabelMap map, ReadOnlyMemory<byte> deflated)
    {
        if (map.Rows <= 0 || map.Columns <= 0 || map.Frames <= 0 || (decimal)map.Rows * map.Columns * map.Frames > Math.Min(Array.MaxLength, deflated.Length * MaximumRatio))
        {
            return new DicomError(DicomErrorKind.InvalidLength, "The label map's size does not go with its bytes.");
        }

        byte[] labels = new byte[map.Rows * map.Columns * map.Frames];
        byte[] copy = ArrayPool<byte>.Shared.Rent(deflated.Length);
        try
        {
            deflated.CopyTo(copy);
            using ZLibStream inflate = new(new MemoryStream(copy, 0, deflated.Length, writable: false), CompressionMode.Decompress);
            if (inflate.ReadAtLeast(labels, labels.Length, throwOnEndOfStream: false) < labels.Length)
            {
                return new DicomError(DicomErrorKind.Truncated, "The labels end too early.");
            }

            return inflate.ReadByte() < 0 ? labels : new DicomError(DicomErrorKind.InvalidLength, "There are more labels than the label map has pixels.");
        }
        catch (Exception e) when (e is InvalidDataException or IOException) // The latter where the stream asks for a preset dictionary.
        {
            return new DicomError(DicomErrorKind.CorruptDeflate, "The labels cannot be inflated.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }
}

/// <summary>A UID as a JSON string; one that is not valid is an error.</summary>
internal sealed class DicomUidConverter : JsonConverter<DicomUid>
{
    public override DicomUid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && DicomUid.TryParse(reader.GetString(), out DicomUid uid) ? uid : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DicomUid value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <summary>The JSON of findings, strict: nothing absent, nothing unknown, nothing twice.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(DicomUidConverter)])]
[JsonSerializable(typeof(StudyFindings))]
internal sealed partial class FindingsJson : JsonSerializerContext;
