namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>A difference from another reader that is known, with its reason.</summary>
/// <param name="File">The file under <c>tests/data/dicom</c>.</param>
/// <param name="Difference">How the difference begins: "we read", "they read", or a path; empty for all of the file.</param>
/// <param name="Reason">Why we differ.</param>
internal sealed record Expectation(string File, string Difference, string Reason)
{
    /// <summary>Fails for differences that are not expected, and for expectations that are no longer true.</summary>
    public static void AssertAll(IReadOnlyList<Expectation> expected, IReadOnlyList<(string File, string Difference)> found)
    {
        List<string> messages =
        [
            .. found.Where(difference => !expected.Any(one => one.Covers(difference))).Select(difference => $"{difference.File} {difference.Difference}"),
            .. expected.Where(one => !found.Any(one.Covers)).Select(one => $"no longer true: {one}"),
        ];
        Assert.True(messages.Count == 0, $"{messages.Count} differences:\n{string.Join('\n', messages.Take(40))}");
    }

    private bool Covers((string File, string Difference) found) =>
        found.File == File && found.Difference.StartsWith(Difference, StringComparison.Ordinal);
}
