using System.Buffers;
using System.Xml;

namespace MedicalAi.Dicom;

/// <summary>
/// Reads the Native DICOM Model (PS3.19 A.1) node by node; what is not of the model is an error, never an exception. Each method begins on the start
/// of its element and ends on the end of it.
/// </summary>
internal sealed partial class DicomXmlReader
{
    // The same nesting that the reader of the binary form allows: the data set at the top and its items.
    private const int MaxDataSets = (DicomReaderState.MaxDepth / 2) + 1;

    // Each data set stands in an attribute and an item; and some for what is passed over.
    private const int MaxDepth = (2 * MaxDataSets) + 32;

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly Stream _input;
    private readonly XmlReader _xml;
    private readonly bool _hasBigEndianWords;
    private DicomError? _error;
    private int _depth;
    private int _count;
    private OutOfOrderBudget _outOfOrder;
    private bool _hasUnicode;

    private DicomXmlReader(Stream input, XmlReader xml, bool hasBigEndianWords)
    {
        _input = input;
        _xml = xml;
        _hasBigEndianWords = hasBigEndianWords;
    }

    public static ParseResult<DicomDataSet> Read(Stream input, bool hasBigEndianWords)
    {
        DicomXmlReader? reader = null;
        try
        {
            using XmlReader xml = XmlReader.Create(input, s_settings);
            reader = new DicomXmlReader(input, xml, hasBigEndianWords);
            DicomDataSet? dataSet = reader.Model();
            return reader._error is { } error ? error : dataSet!;
        }
        catch (Exception e) when (e is XmlException or NotSupportedException or ArgumentException)
        {
            // What the reader of XML says may quote the text, which may be of a patient: only the place is told.
            string place = e is XmlException { LineNumber: > 0 } at ? $" (line {at.LineNumber}, character {at.LinePosition})" : "";
            return reader?._error ?? new DicomError(DicomErrorKind.InvalidText, "The text is not well-formed XML without a document type." + place, input.CanSeek ? input.Position : 0);
        }
    }

    private long Position => _input.CanSeek ? _input.Position : 0;

    private DicomDataSet? Model()
    {
        if (_xml.MoveToContent() != XmlNodeType.Element || Name() != "NativeDicomModel")
        {
            Fail("The document is no NativeDicomModel.");
            return null;
        }

        DicomDataSet? dataSet = DataSet(null);
        while (_error is null && _xml.Read())
        {
            // Comments and blanks; anything else is not well-formed.
        }

        return dataSet;
    }

    private DicomDataSet? DataSet(DicomDataSet? parent)
    {
        if (++_depth > MaxDataSets)
        {
            Fail("Sequences nested too deep.", null, DicomErrorKind.TooDeep);
            return null;
        }

        bool namesCharacterSet = false;
        PrivateBlocks blocks = new();
        List<(string Creator, DicomElement Element)> later = [];
        DicomDataSet dataSet = new(parent);
        int depth = _xml.Depth;
        while (NextChild(depth))
        {
            if (Name() is not { } name)
            {
                Skip();
            }
            else if (name != "DicomAttribute")
            {
                Fail("A data set has attributes alone.");
            }
            else if (Count() && TryReadTag(out DicomTag tag))
            {
                Attribute(dataSet, tag, blocks, later);
                namesCharacterSet |= tag == DicomTags.SpecificCharacterSet;
            }
        }

        foreach ((string creator, DicomElement element) in later)
        {
            AddPrivate(dataSet, element, creator, blocks);
        }

        // Whatever it named, the text came as Unicode and is held as UTF-8. An item says it only where it was said.
        if (_error is null && (namesCharacterSet || (parent is null && _hasUnicode)))
        {
            dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        }

        _depth--;
        return _error is null ? dataSet : null;
    }

    private void Attribute(DicomDataSet dataSet, DicomTag tag, PrivateBlocks blocks, List<(string Creator, DicomElement Element)> later)
    {
        string? creator = tag.IsPrivate ? _xml.GetAttribute("privateCreator")?.Trim(' ', '\0') : null;
        if (creator is not { Length: > 0 })
        {
            creator = null;
            if (!DicomJson.IsOfModel(tag))
            {
                Skip();
                return;
            }
        }

        if (!FindVr(tag, creator, out Vr vr) || Content(dataSet, tag, vr) is not { } element || tag == DicomTags.SpecificCharacterSet)
        {
            return;
        }

        if (creator is null)
        {
            Add(dataSet, element);
            if (tag.IsPrivateCreator)
            {
                blocks.Reserve(element);
            }
        }
        else if (blocks.TryFind(dataSet, tag, creator, out DicomTag found))
        {
            Add(dataSet, At(found, element));
        }
        else
        {
            later.Add((creator, element)); // Its creator may still come.
        }
    }

    private void AddPrivate(DicomDataSet dataSet, DicomElement element, string creator, PrivateBlocks blocks)
    {
        if (!blocks.TryFind(dataSet, element.Tag, creator, out DicomTag tag))
        {
            if (blocks.Add(dataSet, element.Tag, creator) is not { } reservation)
            {
                Fail("More private creators than a group has blocks.", element.Tag, DicomErrorKind.TooLarge);
                return;
            }

            _hasUnicode |= !System.Text.Ascii.IsValid(reservation.Value.Span);
            Add(dataSet, reservation);
            blocks.TryFind(dataSet, element.Tag, creator, out tag);
        }

        Add(dataSet, At(tag, element));
    }

    private static DicomElement At(DicomTag tag, DicomElement element) =>
        tag == element.Tag ? element
        : element.Items is { } items ? new DicomElement(tag, items)
        : new DicomElement(tag, element.Vr, element.Value);

    private bool TryReadTag(out DicomTag tag)
    {
        tag = default;
        string? text = _xml.GetAttribute("tag") ?? _xml.GetAttribute("keyword");
        return text is not null && DicomTag.TryParse(text, out tag)
            ? tag.Group != 0xFFFE || Fail("An attribute that no data set can have.", tag)
            : Fail("An attribute is named by eight hexadecimal digits, or a keyword.");
    }

    private bool FindVr(DicomTag tag, string? creator, out Vr vr)
    {
        string? text = _xml.GetAttribute("vr");
        if (text is null)
        {
            vr = creator is null ? DicomDictionary.FindVr(tag) : Vr.UN;
            return true;
        }

        vr = text is [< (char)0x80 and var first, < (char)0x80 and var second] ? (Vr)((first << 8) | second) : Vr.None;
        return vr.IsKnown() || Fail("A value representation has two letters of the standard.", tag);
    }

    private void Add(DicomDataSet dataSet, DicomElement element)
    {
        if (!dataSet.Append(element) && !_outOfOrder.TrySet(dataSet, element))
        {
            Fail("Too many attributes out of order.", element.Tag, DicomErrorKind.TooLarge);
        }
    }

    /// <summary>
    /// Goes to the next child of the element at a depth, on whose start or on whose last child the reader stands; false at its end, and after
    /// an error.
    /// </summary>
    private bool NextChild(int depth)
    {
        if (_error is not null || (_xml.Depth == depth && _xml.IsEmptyElement))
        {
            return false;
        }

        while (_xml.Read())
        {
            switch (_xml.NodeType)
            {
                case XmlNodeType.Element:
                    return true;
                case XmlNodeType.EndElement:
                    return false;
                case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    break;
                default:
                    return Fail("Text stands where an element must.");
            }
        }

        return Fail("The text ends early.");
    }

    private void Skip()
    {
        int depth = _xml.Depth;
        if (_xml.IsEmptyElement)
        {
            return;
        }

        while (_xml.Read() && _xml.Depth > depth)
        {
            if (_xml.Depth > MaxDepth)
            {
                Fail("Elements nested too deep.", null, DicomErrorKind.TooDeep);
                return;
            }
        }
    }

    /// <summary>The name of an element of the model; null for those of another namespace. dcmtk writes the model without one.</summary>
    private string? Name() => _xml.NamespaceURI is DicomXml.Namespace or "" ? _xml.LocalName : null;

    private bool Count() => ++_count <= DicomReadOptions.Default.MaxElements || Fail("More attributes and items than the limit.", null, DicomErrorKind.TooLarge);

    private bool Fail(string message, DicomTag? tag = null, DicomErrorKind kind = DicomErrorKind.InvalidText)
    {
        string place = _xml is IXmlLineInfo { LineNumber: > 0 } at ? $" (line {at.LineNumber}, character {at.LinePosition})" : "";
        _error ??= new DicomError(kind, message + place, Position, tag);
        return false;
    }
}
