using System.Globalization;

namespace MedicalAi.Dicom.Media;

/// <summary>Makes a tree of the records of a DICOMDIR: by their links or, where these are broken, by their order.</summary>
internal static class DirectoryLinks
{
    private const string ByOrder = "the records are taken in the order of the file.";

    /// <summary>The records of the root, with all that is below them. Every record comes at most once, so that no cycle is followed.</summary>
    public static IReadOnlyList<DirectoryRecord> Resolve(DirectoryFile file, List<string> warnings)
    {
        if (file.Records.Count == 0)
        {
            return [];
        }

        List<DirectoryRecord> roots = [];
        if (Follow(file, roots, out int reached) is { } problem)
        {
            warnings.Add($"{problem} {ByOrder}");
            return InOrder(file);
        }

        int unlinked = file.Records.Count(IsInUse) - reached;
        if (unlinked > 0)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{unlinked} records are linked by no other and were passed over."));
        }

        return roots;
    }

    private static string? Follow(DirectoryFile file, List<DirectoryRecord> roots, out int reached)
    {
        reached = 0;
        Dictionary<long, DicomDataSet> unvisited = new(file.Records.Count);
        foreach (PlacedRecord record in file.Records)
        {
            unvisited[record.Offset] = record.Keys;
        }

        long first = file.DataSet.GetInt64(DicomTags.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity) ?? 0;
        if (first == 0)
        {
            return "The directory does not tell where its first record is:";
        }

        Stack<(DirectoryRecord? Parent, long Offset)> waiting = new([(null, first)]);
        while (waiting.TryPop(out (DirectoryRecord? Parent, long Offset) next))
        {
            if (!unvisited.Remove(next.Offset, out DicomDataSet? keys))
            {
                return string.Create(CultureInfo.InvariantCulture, $"A link of the directory leads to byte {next.Offset}, where no record begins that was not met before:");
            }

            DirectoryRecord? record = null;
            if (IsInUse(new PlacedRecord(next.Offset, keys)))
            {
                reached++;
                record = new DirectoryRecord(keys);
                if (next.Parent is null)
                {
                    roots.Add(record);
                }
                else
                {
                    next.Parent.Add(record);
                }
            }

            Wait(keys, DicomTags.OffsetOfTheNextDirectoryRecord, next.Parent);
            if (record is not null)
            {
                Wait(keys, DicomTags.OffsetOfReferencedLowerLevelDirectoryEntity, record);
            }
        }

        return null;

        void Wait(DicomDataSet keys, DicomTag link, DirectoryRecord? parent)
        {
            if (keys.GetInt64(link) is { } offset and not 0)
            {
                waiting.Push((parent, offset));
            }
        }
    }

    // A record belongs to the last one before it that is of a higher level.
    private static List<DirectoryRecord> InOrder(DirectoryFile file)
    {
        List<DirectoryRecord> roots = [];
        DirectoryRecord?[] last = new DirectoryRecord?[3];
        foreach (PlacedRecord placed in file.Records.Where(IsInUse))
        {
            DirectoryRecord record = new(placed.Keys);
            int level = record.Type switch { "PATIENT" => 0, "STUDY" => 1, "SERIES" => 2, _ => 3 };
            if (last.Take(level).LastOrDefault(above => above is not null) is { } parent)
            {
                parent.Add(record);
            }
            else
            {
                roots.Add(record);
            }

            if (level < last.Length)
            {
                last[level] = record;
                Array.Clear(last, level + 1, last.Length - level - 1);
            }
        }

        return roots;
    }

    // Record In-use Flag 0 marks a record that was deleted (retired); a record without the flag is in use. Shared records
    // (MRDR, retired) hang outside of the tree.
    private static bool IsInUse(PlacedRecord record) =>
        record.Keys.GetInt64(DicomTags.RecordInUseFlag) != 0 && record.Keys.GetString(DicomTags.DirectoryRecordType) != "MRDR";
}
