using System.Collections.Concurrent;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp.Tests;

/// <summary>A Storage SCP that notes what comes.</summary>
/// <param name="answer">The answer to each request; success where there is none.</param>
internal sealed class RecordingStore(Func<DimseRequest, DimseResponse?>? answer = null) : DimseService
{
    public ConcurrentQueue<(DimseCommand Command, TransferSyntax Syntax, DicomDataSet DataSet)> Received { get; } = [];

    /// <summary>The transfer syntaxes that are accepted; null for all.</summary>
    public IReadOnlyList<TransferSyntax>? Syntaxes { get; init; }

    /// <summary>Runs when a request has come.</summary>
    public Func<Task>? OnRequest { get; init; }

    public override bool Supports(DicomUid sopClass) => UidRegistry.IsStorageSopClass(sopClass);

    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => Syntaxes?.Contains(transferSyntax) != false;

    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ParseResult<DicomDataSet> dataSet = await request.ReadDataSetAsync(int.MaxValue, cancellationToken);
        if (OnRequest is not null)
        {
            await OnRequest();
        }

        Received.Enqueue((request.Command, request.TransferSyntax, dataSet.Value));
        return answer?.Invoke(request) ?? new DimseResponse(DimseStatus.Success);
    }
}
