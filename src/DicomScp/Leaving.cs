using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The end of associations that have done what they were for.</summary>
internal static class Leaving
{
    /// <summary>Releases an association. How it ends changes nothing of what was done on it: a failure is passed over.</summary>
    public static async ValueTask LeaveAsync(this DicomClient client, CancellationToken cancellationToken)
    {
        try
        {
            if (client.IsEstablished)
            {
                await client.ReleaseAsync(cancellationToken);
            }
        }
        catch (DicomNetworkException)
        {
            // The peer has what it asked for.
        }
    }
}
