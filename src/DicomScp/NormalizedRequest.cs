using System.Diagnostics.CodeAnalysis;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What the normalized services (PS3.7 chapter 10) have in common when they look at a request.</summary>
internal static class NormalizedRequest
{
    /// <summary>Reads the data set of a request, to be asked for while it is handled.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maximumLength">The most bytes that are taken.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The data set, or the response to one that cannot be read.</returns>
    public static async ValueTask<(DicomDataSet? DataSet, DimseResponse Failure)> ReadAsync(DimseRequest request, int maximumLength, CancellationToken cancellationToken)
    {
        if (!request.Command.HasDataSet)
        {
            return (null, new DimseResponse(DimseStatus.MissingAttribute, "The request has no data set", DicomTags.CommandDataSetType));
        }

        ParseResult<DicomDataSet> read = await request.ReadDataSetAsync(maximumLength, cancellationToken);
        return read.Ok ? (read.Value, default)
            : read.Error.Kind == DicomErrorKind.TooLarge ? (null, new DimseResponse(DimseStatus.ResourceLimitation, $"The data set is longer than {maximumLength >> 20} MiB"))
            : (null, new DimseResponse(DimseStatus.ProcessingFailure, "The data set cannot be read to its end"));
    }

    /// <summary>Whether the SOP class of the command is that of the presentation context, or of the instance, where it stands there.</summary>
    public static bool IsOfContext(DimseRequest request, [NotNullWhen(false)] out DimseResponse? failure)
    {
        failure = request.Command.SopClass is { } sopClass && sopClass != request.AbstractSyntax
            ? new DimseResponse(DimseStatus.NoSuchSopClass, "The SOP class is not that of the presentation context", DicomTags.AffectedSOPClassUID)
            : null;
        return failure is null;
    }

    /// <summary>The UID of an attribute of type 1, or the response to one that is missing or is no UID.</summary>
    public static DicomUid? FindUid(DicomDataSet dataSet, DicomTag tag, out DimseResponse failure)
    {
        failure = default;
        if (Missing(dataSet, tag) is { } missing)
        {
            failure = missing;
            return null;
        }

        if (dataSet.GetStrings(tag).Length == 1 && dataSet.GetUid(tag) is { } uid)
        {
            return uid;
        }

        failure = new DimseResponse(DimseStatus.InvalidArgumentValue, $"{Name(tag)} is no UID", tag);
        return null;
    }

    /// <summary>The items of a sequence of type 1; none, with the response to it, when it is missing or empty.</summary>
    public static IReadOnlyList<DicomDataSet> FindItems(DicomDataSet dataSet, DicomTag tag, out DimseResponse failure)
    {
        IReadOnlyList<DicomDataSet> items = dataSet.GetItems(tag);
        failure = items.Count > 0 ? default
            : dataSet.Contains(tag) ? new DimseResponse(DimseStatus.MissingAttributeValue, $"{Name(tag)} has no item", tag)
            : new DimseResponse(DimseStatus.MissingAttribute, $"{Name(tag)} is missing", tag);
        return items;
    }

    /// <summary>The response to an attribute of type 1 that is not there or has no value; null when it has one.</summary>
    public static DimseResponse? Missing(DicomDataSet dataSet, DicomTag tag) =>
        !dataSet.Contains(tag) ? new DimseResponse(DimseStatus.MissingAttribute, $"{Name(tag)} is missing", tag)
        : dataSet.GetString(tag) is null ? new DimseResponse(DimseStatus.MissingAttributeValue, $"{Name(tag)} has no value", tag)
        : null;

    private static string Name(DicomTag tag) => DicomDictionary.Find(tag)?.Keyword ?? tag.ToString();
}
