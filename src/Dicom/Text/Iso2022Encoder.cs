using System.Buffers;

namespace MedicalAi.Dicom;

/// <summary>
/// Encodes text with the code extensions of ISO/IEC 2022 as PS3.5 section 6.1.2.5 restricts them: sets are designated as they are
/// needed, and before a delimiter and at the end that of the first term is in force again. Many readers take an escape sequence for
/// the choice of one set for G0 and G1 together, so that a set is designated again when another one was in between.
/// </summary>
/// <param name="initial">What the first term stands for.</param>
/// <param name="allowed">What may be designated, in the order of the terms; empty without code extensions.</param>
internal ref struct Iso2022Encoder(CodeElements initial, ReadOnlySpan<CodeElements> allowed)
{
    private const byte Escape = 0x1B;

    private readonly ReadOnlySpan<CodeElements> _allowed = allowed;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    // A set of two bytes is not in force before it has been designated.
    private readonly CodeElements? _initialG1 = initial is { IsG1: true, BytesPerCharacter: 1 } ? initial : null;
    private readonly CodeElements _initialG0 = initial.G0;
    private CodeElements _g0 = initial.G0;
    private CodeElements? _g1;
    private CodeElements? _last;

    /// <summary>Encodes a value.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="vr">The VR, which tells what delimiters are.</param>
    /// <param name="bytes">The bytes, with <c>?</c> for what no set has.</param>
    /// <returns>Whether the sets have all of the text.</returns>
    public bool TryEncode(ReadOnlySpan<char> text, Vr vr, out byte[] bytes)
    {
        bool isWhole = true;
        (_g1, _last) = (_initialG1, _initialG1);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c < 0x80)
            {
                isWhole &= c != Escape;
                WriteAscii(c == Escape ? '?' : c, vr);
            }
            else if (!TryWrite(c))
            {
                isWhole = false;
                WriteAscii('?', vr);
                i += char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 1 : 0;
            }
        }

        Return();
        bytes = _bytes.WrittenSpan.ToArray();
        return isWhole;
    }

    private void WriteAscii(char c, Vr vr)
    {
        if (Iso2022Decoder.IsDelimiter((byte)c, vr))
        {
            Return();
        }
        else if (_g0.BytesPerCharacter == 2)
        {
            Designate(_initialG0);
        }

        Write((byte)c);
    }

    private bool TryWrite(char c)
    {
        if (_last is not null && TryWrite(_last, c))
        {
            return true;
        }

        foreach (CodeElements elements in _allowed)
        {
            if (elements.Codes.TryFind(c, out _))
            {
                Designate(elements);
                return TryWrite(elements, c);
            }
        }

        return false;
    }

    private readonly bool TryWrite(CodeElements elements, char c)
    {
        if (!elements.Codes.TryFind(c, out ushort code))
        {
            return false;
        }

        if (elements.BytesPerCharacter == 2)
        {
            Write((byte)(code >> 8));
        }

        Write((byte)code);
        return true;
    }

    /// <summary>Goes back to the first term. Where it has nothing for G1, what was there is forgotten: whoever reads may do so too.</summary>
    private void Return()
    {
        if (_g0 != _initialG0)
        {
            Designate(_initialG0);
        }

        if (_g1 != _initialG1 && _initialG1 is not null)
        {
            Designate(_initialG1);
        }

        (_g1, _last) = (_initialG1, _initialG1);
    }

    private void Designate(CodeElements elements)
    {
        Write(Escape);
        _bytes.Write(elements.Escape);
        (_g0, _g1) = elements.IsG1 ? (_g0, elements) : (elements, _g1);
        _last = elements;
    }

    private readonly void Write(byte value) => _bytes.Write([value]);
}
