using System.Globalization;
using System.Text.RegularExpressions;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>The last response to a C-MOVE or C-GET, as getscu and movescu write it with <c>-d</c>.</summary>
/// <param name="Status">The status in hexadecimal digits.</param>
/// <param name="Remaining">The sub-operations still to come; null when it does not say.</param>
/// <param name="Completed">Those that succeeded.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Warning">Those that succeeded with a warning.</param>
internal sealed partial record DcmtkResponse(string Status, int? Remaining, int? Completed, int? Failed, int? Warning)
{
    public static DcmtkResponse Last(ToolResult result)
    {
        Match last = Response().Matches(result.Output + result.Error).LastOrDefault() ?? throw new InvalidOperationException($"There is no response: {result}");
        return new DcmtkResponse(last.Groups["status"].Value.ToUpperInvariant(), Number("remaining"), Number("completed"), Number("failed"), Number("warning"));

        int? Number(string name) => int.TryParse(last.Groups[name].Value, CultureInfo.InvariantCulture, out int number) ? number : null;
    }

    [GeneratedRegex(
        @"Remaining Suboperations +: (?<remaining>\w+)\s+D: Completed Suboperations +: (?<completed>\w+)\s+D: Failed Suboperations +: (?<failed>\w+)\s+D: Warning Suboperations +: (?<warning>\w+)(?:(?!END DIMSE).)*?DIMSE Status +: 0x(?<status>[0-9a-f]{4})",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Response();
}
