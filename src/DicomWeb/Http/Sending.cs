using System.IO.Pipelines;

namespace MedicalAi.DicomWeb;

/// <summary>Sends streams to a client, as fast as it takes them.</summary>
internal static class Sending
{
    private const int BlockLength = 64 * 1024;

    /// <summary>Sends a stream to its end, through the output's own buffers.</summary>
    public static async ValueTask SendAsync(this Stream source, PipeWriter output, CancellationToken cancellationToken)
    {
        while (true)
        {
            int read = await source.ReadAsync(output.GetMemory(BlockLength), cancellationToken);
            if (read == 0)
            {
                await output.FlushAsync(cancellationToken);
                return;
            }

            output.Advance(read);
            FlushResult flushed = await output.FlushAsync(cancellationToken);
            if (flushed.IsCompleted)
            {
                return; // The client is gone.
            }
        }
    }
}
