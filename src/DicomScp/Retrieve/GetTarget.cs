using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The requestor of a C-GET, on the same association.</summary>
internal sealed class GetTarget(DimseRequest request) : RetrieveTarget
{
    /// <inheritdoc />
    public override string Name => "C-GET";

    /// <inheritdoc />
    public override StoreOptions Options => new(request.Command.Priority);

    /// <inheritdoc />
    public override async Task SendAsync(RetrievePlan plan, Func<IReadOnlySet<InstanceKind>?, InstanceSupply> open, SubOperationSender sender, CancellationToken cancellationToken)
    {
        await using InstanceSupply instances = open(null);
        if (await sender.SendAsync(request.Association, instances, cancellationToken) is { } lost)
        {
            throw lost;
        }
    }
}
