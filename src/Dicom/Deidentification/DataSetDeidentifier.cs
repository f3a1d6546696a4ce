namespace MedicalAi.Dicom;

/// <summary>Does to the elements of one instance what the table says.</summary>
internal sealed partial class DataSetDeidentifier(RetainOptions retain, Pseudonyms pseudonyms, KnownIdentifiers known, string patient, DeidentificationReport report)
{
    // What an attribute that the table does not name, but whose VR tells what it holds, is treated like.
    private static readonly DeidentificationRow s_unlistedDate = new(default, uint.MaxValue, "Z", new Dictionary<RetainOptions, char>
    {
        [RetainOptions.FullDates] = 'K',
        [RetainOptions.ModifiedDates] = 'C',
    });

    private static readonly DeidentificationRow s_unlistedName = new(default, uint.MaxValue, "Z", new Dictionary<RetainOptions, char>());

    private static readonly DeidentificationRow s_unlistedIdentity = new(default, uint.MaxValue, "X", new Dictionary<RetainOptions, char>());

    // All of type 3, so that nothing has to stay.
    private static readonly DicomTag[] s_identity = [DicomTags.PatientBirthDateInAlternativeCalendar, DicomTags.PatientDeathDateInAlternativeCalendar, DicomTags.BreedRegistrationNumber];

    private readonly int _days = pseudonyms.Days(patient);

    /// <summary>A new data set.</summary>
    public DicomDataSet Run(DicomDataSet source) => Run(source, null, isCleaned: false);

    /// <summary>Does it to a data set or an item.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="parent">The data set that the item goes to.</param>
    /// <param name="isCleaned">Whether it belongs to something that an option keeps when it is clean: then free text that the table does not name is cleaned too.</param>
    private DicomDataSet Run(DicomDataSet source, DicomDataSet? parent, bool isCleaned)
    {
        DicomDataSet result = new(parent);
        foreach (DicomElement read in source)
        {
            if (read.Tag.IsGroupLength)
            {
                continue;
            }

            DicomElement element = Understood(read, source);
            if (element.Tag.IsPrivate)
            {
                Private(element, source, result);
            }
            else if (IsRemovedWhole(element))
            {
                report.Add(element.Tag, DeidentificationChange.Removed);
            }
            else
            {
                Standard(element, source, result, isCleaned);
            }
        }

        return result;
    }

    // Curves and overlays whole, for what is left of them would be a broken module; what is not known or not understood; a URI leads to what was there.
    private static bool IsRemovedWhole(DicomElement element) =>
        element.Tag.Group is (>= 0x5000 and <= 0x50FF) or (>= 0x6000 and <= 0x60FF)
        || element.Tag == DicomTags.DataSetTrailingPadding
        || element.BulkDataUri is not null
        || IsSequenceNotUnderstood(element)
        || (element.IsElsewhere && !IsOfBytes(element.Vr))
        || (element.Fragments is not null && !IsOfBytes(DicomDictionary.FindVr(element.Tag)))
        || (DeidentificationTable.Find(element.Tag) is null && DicomDictionary.Find(element.Tag) is null);

    // Of anything else, what is not in memory as one value cannot be searched.
    private static bool IsOfBytes(Vr vr) => vr.IsBulk() && vr != Vr.UN;

    private static bool IsSequenceNotUnderstood(DicomElement element) => element.Vr == Vr.UN && !element.Tag.IsPrivate && DicomDictionary.FindVr(element.Tag) == Vr.SQ;

    // Who forwards what he does not know says UN, also of what the dictionary knows; and a VR that is not that of the dictionary would hide names, dates and
    // what is in sequences from the rules that go by VR.
    private static DicomElement Understood(DicomElement element, DicomDataSet source)
    {
        Vr vr = DicomDictionary.FindVr(element.Tag);
        if (element.Tag.IsPrivate || element.Items is not null || element.Fragments is not null || element.BulkDataUri is not null || vr == element.Vr)
        {
            return element;
        }

        if (element.Bulk is { } place)
        {
            return element.Vr == Vr.UN || vr.IsText() || vr == Vr.SQ ? new DicomElement(element.Tag, vr == Vr.SQ ? Vr.UN : vr, place) : element;
        }

        if (vr == Vr.SQ)
        {
            DicomElement unknown = new(element.Tag, Vr.UN, element.Value);
            return source.FindItems(unknown) is { } items ? new DicomElement(element.Tag, items) : unknown;
        }

        return element.Vr == Vr.UN || vr is Vr.PN or Vr.DA or Vr.DT || (vr.IsText() && !element.Vr.IsText()) ? new DicomElement(element.Tag, vr, element.Value) : element;
    }

    private void Private(DicomElement element, DicomDataSet source, DicomDataSet result)
    {
        if (retain.HasFlag(RetainOptions.SafePrivate) && SafePrivateElements.Contains(element, source, out DicomTag creator))
        {
            result.Set(source.Find(creator)!).Set(element);
        }
        else if (!element.Tag.IsPrivateCreator)
        {
            report.Add(element.Tag, DeidentificationChange.Removed);
        }
    }

    private void Standard(DicomElement element, DicomDataSet source, DicomDataSet result, bool isCleaned)
    {
        DeidentificationRow? row = DeidentificationTable.Find(element.Tag) ?? element.Vr switch
        {
            _ when s_identity.Contains(element.Tag) => s_unlistedIdentity,
            Vr.PN => s_unlistedName,
            Vr.DA or Vr.DT => s_unlistedDate,
            _ => null,
        };
        if (row is null)
        {
            if (isCleaned && IsFreeText(element.Vr) && !IsOfCode(element.Tag, source))
            {
                // What a content item or a text object must have stays, be it without meaning.
                result.Set(Cleaned(element, source, result) ?? DummyValues.Replace(element, pseudonyms, result));
            }
            else
            {
                Keep(element, source, result, isCleaned);
            }
        }
        else if (retain.HasFlag(RetainOptions.ModifiedDates) && row.Options.ContainsKey(RetainOptions.ModifiedDates))
        {
            // Before the options that keep: a date of a device that is kept as it was would tell by how much the others are shifted.
            Shift(element, row, result);
        }
        else if (row.Options.Any(option => option.Value == 'K' && retain.HasFlag(option.Key)))
        {
            Keep(element, null, result, isCleaned);
        }
        else if (!row.Options.Any(option => option.Value == 'C' && retain.HasFlag(option.Key)) || !Clean(element, source, result))
        {
            Act(element, row, result);
        }
    }

    /// <summary>Keeps an element, and of a sequence what may be kept of its items.</summary>
    /// <param name="element">The element.</param>
    /// <param name="source">Where it stands, to search its text for known identifiers; null when the table says that it stays as it is.</param>
    /// <param name="result">Where it goes.</param>
    /// <param name="isCleaned">See <see cref="Run(DicomDataSet, DicomDataSet?, bool)"/>.</param>
    private void Keep(DicomElement element, DicomDataSet? source, DicomDataSet result, bool isCleaned)
    {
        if (element.Items is { } items)
        {
            List<DicomDataSet> cleaned = new(items.Count);
            foreach (DicomDataSet item in items)
            {
                if (!isCleaned || !IdentityConcepts.Identifies(item, retain))
                {
                    cleaned.Add(Run(item, result, isCleaned));
                }
            }

            if (cleaned.Count < items.Count)
            {
                report.Add(element.Tag, DeidentificationChange.Cleaned);
            }

            result.Set(new DicomElement(element.Tag, cleaned));
        }
        else if (source is not null && (IsFreeText(element.Vr) || element.Vr == Vr.UR) && !element.IsEmpty && !NamesScheme(element.Tag) && Redacted(element, source, result) is { } redacted)
        {
            result.Set(redacted);
            report.Add(element.Tag, DeidentificationChange.Cleaned);
        }
        else
        {
            result.Set(element);
        }
    }

    private void Act(DicomElement element, DeidentificationRow row, DicomDataSet result)
    {
        switch (row.Action)
        {
            case not "X" when result.Parent is null && !element.IsEmpty && (element.Tag == DicomTags.PatientID || element.Tag == DicomTags.PatientName):
                // The table asks for no value or one that says nothing; this one lets what belongs together stay together.
                result.SetString(element.Tag, pseudonyms.Patient(patient));
                report.Add(element.Tag, DeidentificationChange.Mapped);
                break;
            case "X":
                report.Add(element.Tag, DeidentificationChange.Removed);
                break;
            case "X/Z" when element.Tag == DicomTags.ReferencedStudySequence:
                // The one sequence of them that is of type 3 wherever it stands: an empty one is wrong there.
                report.Add(element.Tag, DeidentificationChange.Removed);
                break;
            case "Z" or "X/Z":
                Empty(element, result);
                break;
            case "D" or "X/D":
                Replace(element, result);
                break;
            case "Z/D" or "X/Z/D" when element.IsEmpty:
                result.Set(element);
                break;
            case "Z/D" or "X/Z/D":
                Replace(element, result);
                break;
            case "U" when !element.IsEmpty && element.Items is null:
                result.Set(DummyValues.MapUids(element, pseudonyms));
                report.Add(element.Tag, DeidentificationChange.Mapped);
                break;
            case "U" or "X/Z/U*":
                Keep(element, null, result, isCleaned: false);
                break;
            default:
                throw new InvalidOperationException($"The table has an action that is not known, {row.Action}.");
        }
    }

    private void Replace(DicomElement element, DicomDataSet result)
    {
        result.Set(DummyValues.Replace(element, pseudonyms, result));
        report.Add(element.Tag, element.Vr == Vr.UI ? DeidentificationChange.Mapped : DeidentificationChange.Replaced);
    }

    private void Empty(DicomElement element, DicomDataSet result)
    {
        if (element.IsEmpty)
        {
            result.Set(element);
        }
        else
        {
            bool isSequence = element.Items is not null || DicomDictionary.FindVr(element.Tag) == Vr.SQ;
            result.Set(isSequence ? new DicomElement(element.Tag, []) : new DicomElement(element.Tag, element.Vr, ReadOnlyMemory<byte>.Empty));
            report.Add(element.Tag, DeidentificationChange.Emptied);
        }
    }

    private void Shift(DicomElement element, DeidentificationRow row, DicomDataSet result)
    {
        // Shifted by whole days, the time of day and its zone stay.
        if (element.Vr == Vr.TM || element.Tag == DicomTags.TimezoneOffsetFromUTC || element.IsEmpty)
        {
            result.Set(element);
        }
        else if (DateShift.Apply(element, _days) is { } shifted)
        {
            result.Set(shifted);
            report.Add(element.Tag, DeidentificationChange.Shifted);
        }
        else
        {
            Act(element, row, result);
        }
    }
}
