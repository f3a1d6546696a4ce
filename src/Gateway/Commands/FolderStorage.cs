using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>Storage into a folder: Part 10 files, named by their SOP Instance UIDs, each there as a whole or not at all.</summary>
internal sealed class FolderStorage(string folder) : DimseService
{
    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => UidRegistry.IsStorageSopClass(sopClass) || UidRegistry.Find(sopClass) is null;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;

    /// <inheritdoc />
    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        if (request.Command.CommandField != DimseCommand.CStoreRequest)
        {
            return new DimseResponse(DimseStatus.UnrecognizedOperation, "Storage knows C-STORE only");
        }

        if (request.Command.SopInstance is not { } instance)
        {
            return new DimseResponse(DimseStatus.InvalidSopInstance, "The Affected SOP Instance UID is missing or not valid", DicomTags.AffectedSOPInstanceUID);
        }

        string target = Path.Combine(folder, instance.Value + ".dcm");
        string temporary = Path.Combine(folder, $"{Guid.NewGuid():N}.part");
        try
        {
            FileMetaInformation meta = new() { MediaStorageSopClass = request.AbstractSyntax, MediaStorageSopInstance = instance, TransferSyntaxUid = request.TransferSyntax.Uid, SourceAe = request.Peer.CalledAe };
            await using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true))
            {
                await file.WriteAsync(meta.ToPart10Header(), cancellationToken);
                while (await request.ReadDataSetAsync(cancellationToken) is { } part)
                {
                    foreach (ReadOnlyMemory<byte> segment in part)
                    {
                        await file.WriteAsync(segment, cancellationToken);
                    }
                }
            }

            File.Move(temporary, target, overwrite: true);
            return new DimseResponse(DimseStatus.Success);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{target}: {e.Message}");
            return new DimseResponse(DimseStatus.OutOfResources, "The file cannot be written");
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
