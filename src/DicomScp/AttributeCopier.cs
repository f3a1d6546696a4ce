using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>Copies attributes as a key asks for them, in the character set of the target and, where that was agreed on, in the time zone of the request.</summary>
/// <param name="options">How keys match, within sequences too.</param>
internal sealed class AttributeCopier(MatchingOptions options)
{
    /// <summary>Copies the attribute of a key; an empty one where the source has none, or its value is not in memory.</summary>
    /// <param name="key">The key.</param>
    /// <param name="source">The data set that has the attribute.</param>
    /// <param name="target">The data set that gets it.</param>
    public void Copy(DicomElement key, DicomDataSet source, DicomDataSet target)
    {
        DicomElement? element = source.Find(key.Tag);
        if (element?.Items is { } items)
        {
            target.Set(new DicomElement(key.Tag, CopyItems(key, items, target)));
        }
        else if (element is null || element.Fragments is not null || element.IsElsewhere)
        {
            Vr vr = element?.Vr ?? (key.Items is null ? key.Vr : Vr.SQ);
            target.Set(vr == Vr.SQ ? new DicomElement(key.Tag, []) : new DicomElement(key.Tag, vr, ReadOnlyMemory<byte>.Empty));
        }
        else
        {
            CopyValue(element, source, target);
        }
    }

    /// <summary>The items that match, with the attributes that are asked for; all of them as they are when no attribute is named.</summary>
    private DicomDataSet[] CopyItems(DicomElement key, IReadOnlyList<DicomDataSet> items, DicomDataSet target)
    {
        if (key.Items is not [{ Count: > 0 } asked, ..])
        {
            return [.. items.Select(item => CopyAll(item, target))];
        }

        DataSetMatcher matcher = new(FindQuery.ReadItem(asked), options);
        return [.. items.Where(matcher.IsMatch).Select(item =>
        {
            DicomDataSet copy = new(target);
            foreach (DicomElement one in asked)
            {
                if (!one.Tag.IsGroupLength && one.Tag != DicomTags.SpecificCharacterSet)
                {
                    Copy(one, item, copy);
                }
            }

            return copy;
        })];
    }

    private DicomDataSet CopyAll(DicomDataSet item, DicomDataSet target)
    {
        DicomDataSet copy = new(target);
        foreach (DicomElement element in item)
        {
            if (element.Tag != DicomTags.SpecificCharacterSet)
            {
                Copy(new DicomElement(element.Tag, element.Vr, ReadOnlyMemory<byte>.Empty), item, copy);
            }
        }

        return copy;
    }

    private void CopyValue(DicomElement element, DicomDataSet source, DicomDataSet target)
    {
        if (options.TimezoneOffset is { } there && source.TimezoneOffset is { } here && element.Vr is Vr.DA or Vr.TM or Vr.DT && TryMove(element, source, target, here, there))
        {
            return;
        }

        if (element.Vr.IsText() && element.Vr.UsesCharacterSet())
        {
            target.SetString(element.Tag, element.Vr, source.GetStrings(element.Tag));
        }
        else
        {
            target.Set(element);
        }
    }

    private static bool TryMove(DicomElement element, DicomDataSet source, DicomDataSet target, TimeSpan here, TimeSpan there)
    {
        if (element.Vr == Vr.DT)
        {
            // What had no offset of its own had that of its data set, which is not that of the response.
            target.SetString(element.Tag, Vr.DT, Array.ConvertAll(source.GetStrings(element.Tag), value => value.Length == 0 || value.AsSpan().ContainsAny('+', '-') ? value : value + DicomDateTime.FormatOffset(here)));
            return true;
        }

        if (DateTimePairs.Find(element.Tag) is not { } pair || source.GetTime(pair.Time) is null)
        {
            return false;
        }

        (DateOnly? date, TimeOnly? time) = DateTimePairs.Read(source, pair, there);
        if (element.Vr == Vr.DA && date is { } day)
        {
            target.SetDate(element.Tag, day);
            return true;
        }

        if (element.Vr == Vr.TM && time is { } one)
        {
            target.SetTime(element.Tag, one);
            return true;
        }

        return false;
    }
}
