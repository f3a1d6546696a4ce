namespace MedicalAi.Dicom.Network;

/// <summary>The outcome of a DIMSE operation.</summary>
/// <param name="Status">Status (0000,0900).</param>
/// <param name="ErrorComment">Error Comment (0000,0902), without patient data; cut at 64 characters.</param>
/// <param name="OffendingElement">Offending Element (0000,0901), where one can be named.</param>
public readonly record struct DimseResponse(ushort Status, string? ErrorComment = null, DicomTag? OffendingElement = null)
{
    /// <summary>The data set of the response; null when it has none.</summary>
    public DicomDataSet? DataSet { get; init; }

    /// <summary>Error ID (0000,0903): what the service calls the failure; null when it has no name for it.</summary>
    public ushort? ErrorId { get; init; }

    /// <summary>The numbers of sub-operations of C-MOVE and C-GET; null for other operations.</summary>
    public SubOperations? SubOperations { get; init; }

    /// <summary>The Affected SOP Instance UID (0000,1000); null for that of the request. An N-CREATE whose request has none is given one here.</summary>
    public DicomUid? SopInstance { get; init; }

    /// <summary>Whether the operation did what was asked: success or a warning.</summary>
    public bool IsSuccess => DimseStatus.IsSuccess(Status);
}
