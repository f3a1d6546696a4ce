using System.Globalization;
using MedicalAi.Dicom;

namespace MedicalAi.Gateway;

/// <summary>Prints the matches of a query to standard output: as a dump, or each as DICOM JSON on a line.</summary>
internal sealed class MatchPrinter(bool json) : IAsyncDisposable
{
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <summary>How many were printed.</summary>
    public int Count { get; private set; }

    /// <summary>Prints a match.</summary>
    public async ValueTask PrintAsync(DicomDataSet match, CancellationToken cancellationToken)
    {
        Count++;
        if (json)
        {
            await _output.WriteAsync(DicomJson.ToBytes(match), cancellationToken);
            _output.WriteByte((byte)'\n');
            return;
        }

        await using StreamWriter text = new(_output, leaveOpen: true);
        await text.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"# match {Count}"));
        DicomDump.Write(match, text);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _output.DisposeAsync();
}
