namespace MedicalAi.Dicom.Network;

/// <summary>A service class that we provide. Safe for use by several associations at once.</summary>
public abstract class DimseService
{
    /// <summary>Whether the SOP class is one of this service.</summary>
    public abstract bool Supports(DicomUid sopClass);

    /// <summary>Whether data sets of the SOP class may come in the transfer syntax.</summary>
    public abstract bool Supports(DicomUid sopClass, TransferSyntax transferSyntax);

    /// <summary>Carries out a request and gives its response; what it leaves of the data set is read and dropped.</summary>
    public abstract ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken);
}

/// <summary>The outcome of a DIMSE operation.</summary>
/// <param name="Status">Status (0000,0900).</param>
/// <param name="ErrorComment">Error Comment (0000,0902), without patient data; cut at 64 characters.</param>
/// <param name="OffendingElement">Offending Element (0000,0901), where one can be named.</param>
public readonly record struct DimseResponse(ushort Status, string? ErrorComment = null, DicomTag? OffendingElement = null);
