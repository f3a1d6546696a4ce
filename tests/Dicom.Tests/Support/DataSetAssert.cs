namespace MedicalAi.Dicom.Tests;

/// <summary>Whether two data sets are the same in tags, VRs and values.</summary>
internal static class DataSetAssert
{
    public static void Same(DicomDataSet expected, DicomDataSet actual) => Assert.Null(FindDifference(expected, actual));

    /// <summary>The first difference in words; null when there is none. Padding and group lengths, which writing changes, do not count.</summary>
    public static string? FindDifference(DicomDataSet expected, DicomDataSet actual)
    {
        DicomElement[] left = [.. expected.Where(element => !element.Tag.IsGroupLength)];
        DicomElement[] right = [.. actual.Where(element => !element.Tag.IsGroupLength)];
        for (int i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            if (i >= left.Length || i >= right.Length || left[i].Tag != right[i].Tag)
            {
                return $"{(i < left.Length ? left[i].Tag : "nothing")} became {(i < right.Length ? right[i].Tag : "nothing")}";
            }

            if (left[i].Vr != right[i].Vr)
            {
                return $"{left[i].Tag} {left[i].Vr} became {right[i].Vr}";
            }

            if (FindDifference(left[i], right[i]) is { } difference)
            {
                return $"{left[i].Tag} {left[i].Vr}: {difference}";
            }
        }

        return null;
    }

    private static string? FindDifference(DicomElement left, DicomElement right)
    {
        if (left.Items is { } items)
        {
            return right.Items?.Count == items.Count
                ? items.Zip(right.Items).Select(pair => FindDifference(pair.First, pair.Second)).FirstOrDefault(difference => difference is not null)
                : $"{items.Count} items became {right.Items?.Count}";
        }

        if (left.Fragments is { } fragments)
        {
            return right.Fragments is { } others && others.Items.Count == fragments.Items.Count && IsSame(fragments.OffsetTable, others.OffsetTable, 0)
                && fragments.Items.Zip(others.Items).All(pair => IsSame(pair.First.Value, pair.Second.Value, 0)) ? null : "other fragments";
        }

        return left.Bulk?.Length != right.Bulk?.Length ? "one was left where it is"
            : IsSame(left.Value, right.Value, left.Vr.PaddingByte()) ? null
            : $"{Convert.ToHexString(left.Value.Span)} became {Convert.ToHexString(right.Value.Span)}";
    }

    private static bool IsSame(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right, byte padding) =>
        left.Length == right.Length ? left.Span.SequenceEqual(right.Span)
        : left.Length % 2 == 1 && right.Length == left.Length + 1 && right.Span[^1] == padding && right.Span.StartsWith(left.Span);
}
