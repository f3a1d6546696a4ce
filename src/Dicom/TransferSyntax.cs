using System.Collections.Frozen;

namespace MedicalAi.Dicom;

/// <summary>A transfer syntax (PS3.5 chapter 10 and annex A): how a data set is encoded.</summary>
public sealed class TransferSyntax
{
    private static readonly TransferSyntax[] s_all = Build();

    private static readonly FrozenDictionary<string, TransferSyntax> s_byUid = s_all.ToFrozenDictionary(syntax => syntax.Uid.Value, StringComparer.Ordinal);

    private TransferSyntax(UidEntry entry)
    {
        Uid = entry.Uid;
        Name = entry.Name;
        IsRetired = entry.IsRetired;
        string uid = entry.Uid.Value;
        IsExplicitVr = uid is not ("1.2.840.10008.1.2" or "1.2.840.10008.1.20");
        IsBigEndian = uid == "1.2.840.10008.1.2.2";
        IsDeflated = uid is "1.2.840.10008.1.2.1.99" or "1.2.840.10008.1.2.4.95" or "1.2.840.10008.1.2.4.205";
        IsEncapsulated = uid is "1.2.840.10008.1.2.1.98" or "1.2.840.10008.1.2.5" or "1.2.840.10008.1.2.8.1"
            || (uid.StartsWith("1.2.840.10008.1.2.4.", StringComparison.Ordinal) && uid is not ("1.2.840.10008.1.2.4.94" or "1.2.840.10008.1.2.4.95" or "1.2.840.10008.1.2.4.204" or "1.2.840.10008.1.2.4.205"));
        IsNative = uid is "1.2.840.10008.1.2" or "1.2.840.10008.1.2.1" or "1.2.840.10008.1.2.2" or "1.2.840.10008.1.2.1.99";
        IsLossy = IsEncapsulated && !entry.Name.Contains("Lossless", StringComparison.OrdinalIgnoreCase) && !entry.Name.Contains("Uncompressed", StringComparison.Ordinal)
            && uid is not ("1.2.840.10008.1.2.8.1" or "1.2.840.10008.1.2.4.111");
    }

    /// <summary>Every transfer syntax of PS3.6 annex A in which a data set can be exchanged, retired ones too.</summary>
    public static IReadOnlyList<TransferSyntax> All => s_all;

    /// <summary>Implicit VR Little Endian, the default that every peer knows.</summary>
    public static TransferSyntax ImplicitVrLittleEndian { get; } = Get("1.2.840.10008.1.2");

    /// <summary>Explicit VR Little Endian.</summary>
    public static TransferSyntax ExplicitVrLittleEndian { get; } = Get("1.2.840.10008.1.2.1");

    /// <summary>Explicit VR Big Endian, retired.</summary>
    public static TransferSyntax ExplicitVrBigEndian { get; } = Get("1.2.840.10008.1.2.2");

    /// <summary>Deflated Explicit VR Little Endian.</summary>
    public static TransferSyntax DeflatedExplicitVrLittleEndian { get; } = Get("1.2.840.10008.1.2.1.99");

    /// <summary>The UID.</summary>
    public DicomUid Uid { get; }

    /// <summary>The name in the standard.</summary>
    public string Name { get; }

    /// <summary>Whether each element names its VR.</summary>
    public bool IsExplicitVr { get; }

    /// <summary>Whether numbers have their high byte first.</summary>
    public bool IsBigEndian { get; }

    /// <summary>Whether the whole data set is compressed by deflate (PS3.5 A.5).</summary>
    public bool IsDeflated { get; }

    /// <summary>Whether pixel data comes in fragments (PS3.5 A.4).</summary>
    public bool IsEncapsulated { get; }

    /// <summary>
    /// Whether pixel data stands in it in native format (PS3.5 sections 8.2, A.1 to A.3 and A.5), so that a data set can be written in
    /// each other such syntax without loss.
    /// </summary>
    public bool IsNative { get; }

    /// <summary>Whether the pixel data may have lost information in this syntax.</summary>
    public bool IsLossy { get; }

    /// <summary>Whether the standard has retired it.</summary>
    public bool IsRetired { get; }

    /// <summary>The syntax of a UID; null when it is not a transfer syntax of the standard.</summary>
    public static TransferSyntax? Find(DicomUid uid) => uid.Value is { } value && s_byUid.TryGetValue(value, out TransferSyntax? syntax) ? syntax : null;

    /// <inheritdoc />
    public override string ToString() => Name;

    private static TransferSyntax Get(string uid) => s_byUid[uid];

    // The MIME and XML encodings (1.2.6.x) are of other kinds of exchange, and SMPTE 2110 (1.2.7.x) is real-time video: no data set is sent in them.
    private static TransferSyntax[] Build() =>
    [
        .. UidRegistry.Entries
            .Where(entry => entry.Type == "Transfer Syntax"
                && !entry.Uid.Value.StartsWith("1.2.840.10008.1.2.6.", StringComparison.Ordinal)
                && !entry.Uid.Value.StartsWith("1.2.840.10008.1.2.7.", StringComparison.Ordinal))
            .Select(entry => new TransferSyntax(entry)),
    ];
}
