using System.Buffers.Binary;
using System.Text;

namespace MedicalAi.Dicom;

public sealed partial class DicomDataSet
{
    /// <summary>
    /// Sets characters, with the VR of the dictionary. Text of VRs that the character set applies to is encoded in the character
    /// set in force: set (0008,0005) first, or see <see cref="ConvertToUtf8"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The VR of the tag does not hold characters, or the character set does not have those of the text.</exception>
    public DicomDataSet SetString(DicomTag tag, params ReadOnlySpan<string> values) => SetString(tag, DicomDictionary.FindVr(tag), values);

    /// <summary>Sets characters with a VR given, for private elements and those with a choice of VRs.</summary>
    /// <exception cref="ArgumentException">The VR does not hold characters, or the character set does not have those of the text.</exception>
    public DicomDataSet SetString(DicomTag tag, Vr vr, params ReadOnlySpan<string> values)
    {
        if (!vr.IsText())
        {
            throw new ArgumentException($"{tag} has VR {vr}, which does not hold characters.", nameof(tag));
        }

        string text = string.Join('\\', values!);
        if (!vr.UsesCharacterSet())
        {
            return Set(new DicomElement(tag, vr, Encoding.Latin1.GetBytes(text)));
        }

        return CharacterSet.TryEncode(text, vr, out byte[] bytes)
            ? Set(new DicomElement(tag, vr, bytes))
            : throw new ArgumentException($"The Specific Character Set {string.Join('\\', CharacterSet.Terms)} does not have all characters of the value of {tag}.", nameof(values));
    }

    /// <summary>Sets a UID.</summary>
    public DicomDataSet SetUid(DicomTag tag, DicomUid uid) => SetString(tag, Vr.UI, uid.Value);

    /// <summary>Sets whole numbers, with the VR of the dictionary (binary integers, IS or DS).</summary>
    /// <exception cref="ArgumentException">The VR does not hold whole numbers.</exception>
    public DicomDataSet SetInt(DicomTag tag, params ReadOnlySpan<long> values) => SetInt(tag, DicomDictionary.FindVr(tag), values);

    /// <summary>Sets whole numbers with a VR given.</summary>
    /// <exception cref="ArgumentException">The VR does not hold whole numbers.</exception>
    public DicomDataSet SetInt(DicomTag tag, Vr vr, params ReadOnlySpan<long> values)
    {
        if (vr is Vr.IS or Vr.DS)
        {
            string[] texts = new string[values.Length];
            for (int i = 0; i < texts.Length; i++)
            {
                texts[i] = values[i].ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            return SetString(tag, vr, texts);
        }

        int size = vr.UnitSize();
        byte[] bytes = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> unit = bytes.AsSpan(i * size, size);
            switch (vr)
            {
                case Vr.US or Vr.SS:
                    BinaryPrimitives.WriteUInt16LittleEndian(unit, (ushort)values[i]);
                    break;
                case Vr.UL or Vr.SL:
                    BinaryPrimitives.WriteUInt32LittleEndian(unit, (uint)values[i]);
                    break;
                case Vr.UV or Vr.SV:
                    BinaryPrimitives.WriteInt64LittleEndian(unit, values[i]);
                    break;
                default:
                    throw new ArgumentException($"{tag} has VR {vr}, which does not hold whole numbers.", nameof(tag));
            }
        }

        return Set(new DicomElement(tag, vr, bytes));
    }

    /// <summary>Sets numbers, with the VR of the dictionary (DS, FL or FD). DS is kept within its 16 characters.</summary>
    /// <exception cref="ArgumentException">The VR does not hold numbers with a fraction, or a value is not finite in DS.</exception>
    public DicomDataSet SetDouble(DicomTag tag, params ReadOnlySpan<double> values)
    {
        Vr vr = DicomDictionary.FindVr(tag);
        switch (vr)
        {
            case Vr.DS:
                string[] texts = new string[values.Length];
                for (int i = 0; i < texts.Length; i++)
                {
                    texts[i] = DecimalString.Format(values[i]);
                }

                return SetString(tag, vr, texts);
            case Vr.FL or Vr.FD:
                int size = vr.UnitSize();
                byte[] bytes = new byte[values.Length * size];
                for (int i = 0; i < values.Length; i++)
                {
                    if (size == 4)
                    {
                        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), (float)values[i]);
                    }
                    else
                    {
                        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * 8), values[i]);
                    }
                }

                return Set(new DicomElement(tag, vr, bytes));
            default:
                throw new ArgumentException($"{tag} has VR {vr}, which does not hold numbers with a fraction.", nameof(tag));
        }
    }

    /// <summary>Sets bytes as they are, little-endian, with a VR given.</summary>
    public DicomDataSet SetBytes(DicomTag tag, Vr vr, ReadOnlyMemory<byte> value) => Set(new DicomElement(tag, vr, value));

    /// <summary>Sets an attribute tag (VR AT).</summary>
    public DicomDataSet SetTag(DicomTag tag, params ReadOnlySpan<DicomTag> values)
    {
        byte[] bytes = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 4), values[i].Group);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan((i * 4) + 2), values[i].Element);
        }

        return Set(new DicomElement(tag, Vr.AT, bytes));
    }

    /// <summary>Sets a sequence; without items it is empty.</summary>
    public DicomDataSet SetSequence(DicomTag tag, params ReadOnlySpan<DicomDataSet> items) => Set(new DicomElement(tag, items.ToArray()));

    /// <summary>Sets an element without a value (type 2), with the VR of the dictionary.</summary>
    public DicomDataSet SetEmpty(DicomTag tag) => DicomDictionary.FindVr(tag) is var vr && vr == Vr.SQ
        ? SetSequence(tag)
        : Set(new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty));

    /// <summary>Sets encapsulated pixel data.</summary>
    public DicomDataSet SetFragments(DicomTag tag, DicomFragments fragments) => Set(new DicomElement(tag, Vr.OB, fragments));
}
