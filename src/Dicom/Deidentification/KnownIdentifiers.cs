using System.Globalization;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>
/// What an instance says of who is concerned: parts of names, identifiers, dates of birth and UIDs. Text that the table leaves as it is is searched for
/// them, for people write them where they do not belong.
/// </summary>
internal sealed class KnownIdentifiers
{
    // Shorter ones stand in many texts by chance.
    private const int ShortestName = 3;
    private const int ShortestIdentifier = 3;
    private const int ShortestUid = 10;

    // Longer ones are texts that somebody put where identifiers go.
    private const int LongestIdentifier = 64;

    // More of them in one instance are an attempt to keep a machine busy.
    private const int MostIdentifiers = 512;

    // Letters of Latin 1 from À without their marks.
    private const string Plain = "AAAAAAACEEEEIIIIDNOOOOO*OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO*OUUUUYTY";

    private static readonly HashSet<DicomTag> s_identifiers =
    [
        DicomTags.PatientID, DicomTags.OtherPatientIDs, DicomTags.AccessionNumber, DicomTags.AdmissionID, DicomTags.ServiceEpisodeID, DicomTags.MedicalRecordLocator,
        DicomTags.RequestedProcedureID, DicomTags.FillerOrderNumberImagingServiceRequest, DicomTags.PlacerOrderNumberImagingServiceRequest,
        DicomTags.PatientTelephoneNumbers, DicomTags.PatientAddress, DicomTags.ClinicalTrialSubjectID, DicomTags.ClinicalTrialSubjectReadingID,
    ];

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _identifiers = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _uids = new(StringComparer.Ordinal);

    /// <summary>Takes them from an instance.</summary>
    /// <param name="source">The instance.</param>
    /// <param name="retain">The options: UIDs that are retained are not searched for.</param>
    public KnownIdentifiers(DicomDataSet source, RetainOptions retain) => Collect(source, !retain.HasFlag(RetainOptions.Uids));

    /// <summary>Whether a word is a part of a name of somebody concerned, in whatever letters and without regard to marks.</summary>
    public bool IsPartOfName(ReadOnlySpan<char> word) => word.Length >= ShortestName && _names.Contains(Fold(word));

    /// <summary>The text without the identifiers in it; the text itself when there are none.</summary>
    public string Redact(string text)
    {
        string redacted = text;
        foreach (string identifier in _identifiers)
        {
            redacted = Remove(redacted, identifier);
        }

        if (_uids.Count > 0)
        {
            redacted = RemoveRuns(redacted, static c => char.IsAsciiDigit(c) || c == '.', run => run.Length >= ShortestUid && _uids.Contains(run.Trim('.').ToString()));
        }

        if (_names.Count > 0)
        {
            redacted = RemoveRuns(redacted, char.IsLetterOrDigit, IsPartOfName);
            foreach (string name in _names)
            {
                // Names in scripts that put no spaces between words.
                if (!Ascii.IsValid(name) && name.Length < ShortestName * 3)
                {
                    redacted = redacted.Replace(name, "", StringComparison.OrdinalIgnoreCase);
                }
            }
        }

        return redacted.Length == text.Length ? text : redacted.Trim();
    }

    private void Collect(DicomDataSet source, bool withUids)
    {
        foreach (DicomElement element in source)
        {
            foreach (DicomDataSet item in source.FindItems(element) ?? [])
            {
                Collect(item, withUids);
            }

            if (_names.Count + _identifiers.Count >= MostIdentifiers)
            {
                return;
            }

            if (element.Vr == Vr.PN || DicomDictionary.FindVr(element.Tag) == Vr.PN)
            {
                AddNames(source.GetStrings(element.Vr.IsText() ? element : new DicomElement(element.Tag, Vr.PN, element.Value)));
            }
            else if (s_identifiers.Contains(element.Tag))
            {
                AddIdentifiers(source.GetStrings(element.Tag));
            }
            else if (element.Tag == DicomTags.PatientBirthDate && source.GetDate(element.Tag) is { } birth)
            {
                string[] formats = ["yyyyMMdd", "yyyy-MM-dd", "yyyy.MM.dd", "yyyy/MM/dd", "dd.MM.yyyy", "d.M.yyyy", "dd/MM/yyyy", "d/M/yyyy", "MM/dd/yyyy", "M/d/yyyy", "dd-MM-yyyy", "MM-dd-yyyy", "ddMMyyyy", "MMddyyyy"];
                AddIdentifiers(formats.Select(format => birth.ToString(format, CultureInfo.InvariantCulture)));
            }
            else if (withUids && element.Vr == Vr.UI && DeidentificationTable.Find(element.Tag) is not null)
            {
                _uids.UnionWith(source.GetStrings(element.Tag).Where(uid => uid.Length >= ShortestUid && !Pseudonyms.IsOfStandard(uid)));
            }
        }
    }

    private void AddNames(string[] names)
    {
        foreach (string name in names)
        {
            foreach (string part in Words(name))
            {
                if (part.Length >= ShortestName || (part.Length >= 2 && !Ascii.IsValid(part) && part.Any(c => c > 'ɏ')))
                {
                    _names.Add(Fold(part));
                    _names.Add(Fold(part.Replace("ä", "ae", StringComparison.OrdinalIgnoreCase).Replace("ö", "oe", StringComparison.OrdinalIgnoreCase).Replace("ü", "ue", StringComparison.OrdinalIgnoreCase).Replace("ß", "ss", StringComparison.Ordinal)));
                }
            }
        }
    }

    private void AddIdentifiers(IEnumerable<string> identifiers) =>
        _identifiers.UnionWith(identifiers.Select(identifier => identifier.Trim()).Where(identifier => identifier.Length is >= ShortestIdentifier and <= LongestIdentifier && identifier.Any(char.IsLetterOrDigit)));

    private static IEnumerable<string> Words(string text)
    {
        int begin = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool isWithin = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (isWithin && begin < 0)
            {
                begin = i;
            }
            else if (!isWithin && begin >= 0)
            {
                yield return text[begin..i];
                begin = -1;
            }
        }
    }

    private static string Fold(ReadOnlySpan<char> word) => string.Create(word.Length, word, static (target, from) =>
    {
        for (int i = 0; i < from.Length; i++)
        {
            target[i] = from[i] is >= 'À' and <= 'ÿ' ? Plain[from[i] - 'À'] : char.ToUpperInvariant(from[i]);
        }
    });

    // As a word of its own, so that 123 is not found in 51234. In one pass, whatever the number of places.
    private static string Remove(string text, string identifier)
    {
        StringBuilder? rest = null;
        int kept = 0;
        for (int from = 0, at; (at = text.IndexOf(identifier, from, StringComparison.OrdinalIgnoreCase)) >= 0;)
        {
            int end = at + identifier.Length;
            bool isWord = (at == 0 || !char.IsLetterOrDigit(text[at - 1]) || !char.IsLetterOrDigit(identifier[0]))
                && (end == text.Length || !char.IsLetterOrDigit(text[end]) || !char.IsLetterOrDigit(identifier[^1]));
            from = at + 1;
            if (isWord || identifier.Length >= 2 * ShortestIdentifier)
            {
                rest = (rest ?? new StringBuilder(text.Length)).Append(text, kept, at - kept);
                from = kept = end;
            }
        }

        return rest is null ? text : rest.Append(text, kept, text.Length - kept).ToString();
    }

    private delegate bool IsRun(ReadOnlySpan<char> run);

    private static string RemoveRuns(string text, Func<char, bool> isWithin, IsRun isRemoved)
    {
        StringBuilder? rest = null;
        for (int at = 0; at < text.Length;)
        {
            int end = at;
            while (end < text.Length && isWithin(text[end]) == isWithin(text[at]))
            {
                end++;
            }

            ReadOnlySpan<char> run = text.AsSpan(at, end - at);
            if (isWithin(text[at]) && isRemoved(run))
            {
                rest ??= new StringBuilder(text, 0, at, text.Length);
            }
            else
            {
                rest?.Append(run);
            }

            at = end;
        }

        return rest?.ToString() ?? text;
    }
}
