using System.Buffers;
using System.Buffers.Binary;

namespace MedicalAi.Dicom;

/// <summary>The file meta information of a DICOM file (PS3.10 section 7.1).</summary>
public sealed record FileMetaInformation
{
    /// <summary>The implementation class of files that we write.</summary>
    public static DicomUid OurImplementationClass { get; } = DicomUid.FromName("medicalai/implementation");

    /// <summary>The implementation version of files that we write.</summary>
    public const string OurImplementationVersion = "MEDICALAI_0_1";

    /// <summary>Media Storage SOP Class UID (0002,0002).</summary>
    public DicomUid MediaStorageSopClass { get; init; }

    /// <summary>Media Storage SOP Instance UID (0002,0003).</summary>
    public DicomUid MediaStorageSopInstance { get; init; }

    /// <summary>Transfer Syntax UID (0002,0010).</summary>
    public DicomUid TransferSyntaxUid { get; init; }

    /// <summary>Implementation Class UID (0002,0012).</summary>
    public DicomUid? ImplementationClassUid { get; init; }

    /// <summary>Implementation Version Name (0002,0013).</summary>
    public string? ImplementationVersionName { get; init; }

    /// <summary>Source Application Entity Title (0002,0016).</summary>
    public string? SourceAe { get; init; }

    /// <summary>Sending Application Entity Title (0002,0017).</summary>
    public string? SendingAe { get; init; }

    /// <summary>Receiving Application Entity Title (0002,0018).</summary>
    public string? ReceivingAe { get; init; }

    /// <summary>Reads what stands before the data set of a file; a file without preamble or without meta information is recognised.</summary>
    /// <param name="start">The first bytes of the file.</param>
    /// <param name="isFinal">Whether there are no more.</param>
    /// <returns>The header; null when more bytes are needed; or why the file is none of DICOM.</returns>
    public static ParseResult<Part10Header?> TryRead(ReadOnlySequence<byte> start, bool isFinal) => Part10HeaderReader.TryRead(start, isFinal);

    /// <summary>The preamble, the prefix and group 0002. The same values give the same bytes.</summary>
    public byte[] ToPart10Header()
    {
        DicomDataSet meta = new();
        meta.SetBytes(DicomTags.FileMetaInformationVersion, Vr.OB, new byte[] { 0, 1 });
        meta.SetUid(DicomTags.MediaStorageSOPClassUID, MediaStorageSopClass);
        meta.SetUid(DicomTags.MediaStorageSOPInstanceUID, MediaStorageSopInstance);
        meta.SetUid(DicomTags.TransferSyntaxUID, TransferSyntaxUid);
        meta.SetUid(DicomTags.ImplementationClassUID, ImplementationClassUid ?? OurImplementationClass);
        Set(DicomTags.ImplementationVersionName, ImplementationVersionName ?? (ImplementationClassUid is null ? OurImplementationVersion : null));
        Set(DicomTags.SourceApplicationEntityTitle, SourceAe);
        Set(DicomTags.SendingApplicationEntityTitle, SendingAe);
        Set(DicomTags.ReceivingApplicationEntityTitle, ReceivingAe);

        ArrayBufferWriter<byte> group = new(512);
        DicomDataSetWriter.Write(meta, TransferSyntax.ExplicitVrLittleEndian, group);
        byte[] file = new byte[Part10HeaderReader.PrefixEnd + 12 + group.WrittenCount];
        "DICM"u8.CopyTo(file.AsSpan(Part10HeaderReader.PrefixEnd - 4));
        ReadOnlySpan<byte> groupLength = [2, 0, 0, 0, (byte)'U', (byte)'L', 4, 0];
        groupLength.CopyTo(file.AsSpan(Part10HeaderReader.PrefixEnd));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Part10HeaderReader.PrefixEnd + 8), group.WrittenCount);
        group.WrittenSpan.CopyTo(file.AsSpan(Part10HeaderReader.PrefixEnd + 12));
        return file;

        void Set(DicomTag tag, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                meta.SetString(tag, value);
            }
        }
    }
}
