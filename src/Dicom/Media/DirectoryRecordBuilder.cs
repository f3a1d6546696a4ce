using System.Globalization;

namespace MedicalAi.Dicom.Media;

/// <summary>Makes directory records of instances: copies their keys, and makes those that are no attributes of the instance itself.</summary>
/// <param name="invents">Whether keys of type 1 that an instance lacks are made up.</param>
internal sealed class DirectoryRecordBuilder(bool invents)
{
    private int _invented;

    /// <summary>The keys that were made up for the last record.</summary>
    public List<DicomTag> Invented { get; } = [];

    /// <summary>A record with its keys and without links.</summary>
    /// <param name="type">Directory Record Type.</param>
    /// <param name="keys">The keys of the type.</param>
    /// <param name="instance">The instance that the keys are of.</param>
    public ParseResult<DicomDataSet> Build(string type, DirectoryKey[] keys, DicomDataSet instance)
    {
        DicomDataSet record = new DicomDataSet()
            .SetInt(DicomTags.OffsetOfTheNextDirectoryRecord, 0L)
            .SetInt(DicomTags.RecordInUseFlag, 0xFFFFL)
            .SetInt(DicomTags.OffsetOfReferencedLowerLevelDirectoryEntity, 0L)
            .SetString(DicomTags.DirectoryRecordType, type);
        if (instance.Find(DicomTags.SpecificCharacterSet) is { } characterSet)
        {
            record.Set(characterSet);
        }

        foreach (DirectoryKey key in keys)
        {
            if (AddKey(instance, key, record) is { } error)
            {
                return error;
            }
        }

        if (type is "SR DOCUMENT" or "KEY OBJECT DOC" && AddTitle(instance, record) is { } bulk)
        {
            return bulk;
        }

        if (!NeedsCharacterSet(record))
        {
            record.Remove(DicomTags.SpecificCharacterSet); // Type 1C: required if a key uses it.
        }

        return record;
    }

    // ISO_IR 13 has other characters where ASCII has the backslash and the tilde.
    private static bool NeedsCharacterSet(DicomDataSet record) =>
        record.GetStrings(DicomTags.SpecificCharacterSet).Any(term => term.EndsWith("IR 13", StringComparison.Ordinal)) || record.Any(UsesCharacterSet);

    private static bool UsesCharacterSet(DicomElement element) => element.Items is { } items
        ? items.Any(item => item.Any(UsesCharacterSet))
        : element.Vr.UsesCharacterSet() && element.Value.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private DicomError? AddKey(DicomDataSet instance, DirectoryKey key, DicomDataSet record)
    {
        DicomElement? element = instance.Find(key.Tag);
        bool hasValue = element is { IsEmpty: false }
            && (element.Items is not null || element.IsElsewhere || element.Vr.IsBulk() || instance.GetStrings(key.Tag).Any(value => value.Length > 0));
        if (hasValue && IsElsewhere(element!))
        {
            return NotInMemory(key.Tag);
        }

        if (hasValue)
        {
            record.Set(Copy(element!));
        }
        else if (key.Type == KeyType.Type1 && (!invents || !TryInvent(instance, key.Tag, record)))
        {
            return new DicomError(DicomErrorKind.MissingElement, "The instance has no value for a key that its directory record must have.", 0, key.Tag);
        }
        else if (key.Type == KeyType.Type2)
        {
            record.SetEmpty(key.Tag);
        }

        return null;
    }

    /// <summary>
    /// What identifies a document beside its title: when it was verified last, and the content items that modify the title, these and no others
    /// (PS3.3 F.5.25 and F.5.26).
    /// </summary>
    private static DicomError? AddTitle(DicomDataSet instance, DicomDataSet record)
    {
        if (instance.GetString(DicomTags.VerificationFlag) == "VERIFIED")
        {
            // Times of the same form: the later one is the greater text.
            string? last = instance.GetItems(DicomTags.VerifyingObserverSequence).Select(item => item.GetString(DicomTags.VerificationDateTime)).Max(StringComparer.Ordinal);
            if (last is not null)
            {
                record.SetString(DicomTags.VerificationDateTime, last);
            }
        }

        DicomDataSet[] modifiers = [.. instance.GetItems(DicomTags.ContentSequence).Where(item => item.GetString(DicomTags.RelationshipType) == "HAS CONCEPT MOD")];
        if (modifiers.Length == 0)
        {
            return null;
        }

        DicomElement sequence = new(DicomTags.ContentSequence, modifiers);
        if (IsElsewhere(sequence))
        {
            return NotInMemory(DicomTags.ContentSequence);
        }

        record.Set(Copy(sequence));
        return null;
    }

    // Only what says "there was none": nobody takes it for something that the device knew.
    private bool TryInvent(DicomDataSet instance, DicomTag tag, DicomDataSet record)
    {
        Vr vr = DicomDictionary.FindVr(tag);
        string? value = vr switch
        {
            Vr.DA => FirstOf(instance, DicomTags.AcquisitionDate, DicomTags.ContentDate, DicomTags.SeriesDate, DicomTags.InstanceCreationDate) ?? "19000101",
            Vr.TM => FirstOf(instance, DicomTags.AcquisitionTime, DicomTags.ContentTime, DicomTags.SeriesTime, DicomTags.InstanceCreationTime) ?? "000000",
            Vr.IS => Next(),
            _ when tag == DicomTags.PatientID || tag == DicomTags.StudyID || tag == DicomTags.ContentLabel => "NONE_" + Next(),
            _ when tag == DicomTags.Modality => "OT",
            _ => null,
        };
        if (value is null)
        {
            return false;
        }

        record.SetString(tag, vr, value);
        Invented.Add(tag);
        return true;
    }

    private string Next() => (++_invented).ToString(CultureInfo.InvariantCulture);

    private static string? FirstOf(DicomDataSet instance, params ReadOnlySpan<DicomTag> tags)
    {
        foreach (DicomTag tag in tags)
        {
            if (instance.GetString(tag) is { } value && (DicomDictionary.FindVr(tag) == Vr.DA ? DicomDate.TryParse(value, out _) : DicomTime.TryParse(value, out _)))
            {
                return value;
            }
        }

        return null;
    }

    private static DicomError NotInMemory(DicomTag tag) => new(DicomErrorKind.TooLarge, "The value of a key of the directory record is not in memory.", 0, tag);

    private static bool IsElsewhere(DicomElement element) => element.IsElsewhere || (element.Items?.Any(item => item.Any(IsElsewhere)) ?? false);

    // Items belong to one data set: those of the instance stay its own.
    private static DicomElement Copy(DicomElement element)
    {
        if (element.Items is not { } items)
        {
            return element;
        }

        DicomDataSet[] copies = new DicomDataSet[items.Count];
        for (int i = 0; i < copies.Length; i++)
        {
            copies[i] = new DicomDataSet();
            foreach (DicomElement inner in items[i])
            {
                copies[i].Set(Copy(inner));
            }
        }

        return new DicomElement(element.Tag, copies);
    }
}
