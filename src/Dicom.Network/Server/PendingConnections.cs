namespace MedicalAi.Dicom.Network;

/// <summary>Counts connections that have asked for nothing yet: in all, and of each address, so that one peer alone does not shut the others out.</summary>
internal sealed class PendingConnections(DicomServerOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byAddress = [];
    private int _all;

    /// <summary>Takes a place; false when all that there are, or those of the address, are taken.</summary>
    /// <param name="address">The peer's address; null when the transport has none.</param>
    public bool TryEnter(string? address)
    {
        lock (_gate)
        {
            int ofAddress = _byAddress.GetValueOrDefault(address ?? "");
            if (_all >= options.MaxPendingConnections || ofAddress >= options.MaxPendingConnectionsPerAddress)
            {
                return false;
            }

            _all++;
            _byAddress[address ?? ""] = ofAddress + 1;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    /// <param name="address">The address with which it was taken.</param>
    public void Leave(string? address)
    {
        lock (_gate)
        {
            _all--;
            if (--_byAddress[address ?? ""] == 0)
            {
                _byAddress.Remove(address ?? "");
            }
        }
    }
}
