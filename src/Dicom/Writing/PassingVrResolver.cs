using System.Buffers.Binary;

namespace MedicalAi.Dicom;

/// <summary>
/// Chooses the VRs of elements that name none, as <see cref="VrResolver"/> does, in a data set that passes by and is not kept. What
/// Pixel Representation decides that comes later is put right in what was written, which has to wait for it.
/// </summary>
/// <param name="isNeeded">Whether VRs are written at all.</param>
internal sealed class PassingVrResolver(bool isNeeded)
{
    // So much waits at most. Elements that come before what decides them are of the first groups of a header.
    private const int MaxWaiting = 1024 * 1024;

    private readonly List<Level> _levels = [default];
    private readonly List<(int Place, int Level)> _undecided = [];
    private readonly PrivateVrResolver _private = new();

    private int Deepest => _levels.Count - 1;

    /// <summary>Whether what was written has to wait.</summary>
    /// <param name="waiting">How many bytes wait.</param>
    public bool IsUndecided(int waiting)
    {
        if (waiting > MaxWaiting)
        {
            _undecided.Clear();
        }

        return _undecided.Count > 0;
    }

    /// <summary>An item begins.</summary>
    public void Enter() => _levels.Add(default);

    /// <summary>An item ends: what it did not decide, what encloses it may.</summary>
    public void Leave()
    {
        for (int i = _undecided.Count - 1; i >= 0 && _undecided[i].Level == Deepest; i--)
        {
            _undecided[i] = (_undecided[i].Place, Deepest - 1);
        }

        _levels.RemoveAt(Deepest);
    }

    /// <summary>The data set ends.</summary>
    public void Finish() => _undecided.Clear();

    /// <summary>Remembers an element if it says something of others.</summary>
    /// <param name="reader">Where it stands.</param>
    /// <param name="written">What was written and waits.</param>
    public void Note(ref readonly DicomReader reader, Span<byte> written)
    {
        if (!isNeeded)
        {
            return;
        }

        DicomTag tag = reader.Tag;
        Level level = _levels[Deepest];
        if (tag.IsPrivateCreator)
        {
            level.Creators ??= [];
            if (!level.Creators.Contains(tag))
            {
                level.Creators.Set(new DicomElement(tag, Vr.LO, reader.Value.ToArray()));
            }
        }
        else if (tag == DicomTags.PixelRepresentation && reader.Value.Length >= 2 && level.IsSigned is null)
        {
            level.IsSigned = (reader.IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(reader.Value) : BinaryPrimitives.ReadUInt16LittleEndian(reader.Value)) == 1;
            Decide(level.IsSigned.Value, written);
        }
        else
        {
            return;
        }

        _levels[Deepest] = level;
    }

    /// <summary>The VR of an element; where it is not decided yet, <paramref name="place"/> is noted as that of its two letters.</summary>
    public Vr Resolve(ref readonly DicomReader reader, int place)
    {
        if (!reader.IsImplicitVr || !isNeeded)
        {
            return reader.Vr;
        }

        if (reader.Tag.IsPrivate && reader.Vr == Vr.UN)
        {
            // The items of a private sequence are sent as they are: UN holds them in implicit VR (PS3.5 section 6.2.2).
            Vr vr = _levels[Deepest].Creators is { } creators ? _private.Resolve(creators, reader.Tag, reader.Length) : Vr.UN;
            return vr == Vr.SQ ? Vr.UN : vr;
        }

        if (VrResolver.WithoutRepresentation(reader.Tag, reader.Vr) is { } known)
        {
            return known;
        }

        for (int i = Deepest; i >= 0; i--)
        {
            if (_levels[i].IsSigned is { } isSigned)
            {
                return isSigned ? Vr.SS : Vr.US;
            }
        }

        _undecided.Add((place, Deepest));
        return Vr.US;
    }

    private void Decide(bool isSigned, Span<byte> written)
    {
        for (int i = _undecided.Count - 1; i >= 0 && _undecided[i].Level == Deepest; i--)
        {
            if (isSigned)
            {
                BinaryPrimitives.WriteUInt16BigEndian(written[_undecided[i].Place..], (ushort)Vr.SS);
            }

            _undecided.RemoveAt(i);
        }
    }

    /// <summary>What is known of a data set or item.</summary>
    private struct Level
    {
        /// <summary>Its private creators; null when it has none.</summary>
        public DicomDataSet? Creators;

        /// <summary>Whether its pixels are signed; null when it does not say.</summary>
        public bool? IsSigned;
    }
}
