namespace MedicalAi.DicomWeb;

/// <summary>The transactions of the studies service (PS3.18 chapter 10) that are served.</summary>
public enum DicomWebTransaction
{
    /// <summary>Retrieve Capabilities (PS3.18 8.9).</summary>
    RetrieveCapabilities,

    /// <summary>Store, STOW-RS (PS3.18 10.5).</summary>
    Store,

    /// <summary>Search for studies, QIDO-RS (PS3.18 10.6).</summary>
    SearchStudies,

    /// <summary>Search for series, QIDO-RS (PS3.18 10.6).</summary>
    SearchSeries,

    /// <summary>Search for instances, QIDO-RS (PS3.18 10.6).</summary>
    SearchInstances,

    /// <summary>Retrieve the instances of a study or series, or one, WADO-RS (PS3.18 10.4).</summary>
    RetrieveInstances,

    /// <summary>Retrieve metadata, WADO-RS (PS3.18 10.4).</summary>
    RetrieveMetadata,

    /// <summary>Retrieve frames, WADO-RS (PS3.18 10.4).</summary>
    RetrieveFrames,

    /// <summary>Retrieve bulk data, WADO-RS (PS3.18 10.4).</summary>
    RetrieveBulkData,

    /// <summary>Retrieve a rendered frame, WADO-RS (PS3.18 10.4).</summary>
    RetrieveRendered,

    /// <summary>Retrieve a thumbnail, WADO-RS (PS3.18 10.4).</summary>
    RetrieveThumbnail,
}
