namespace MedicalAi.Bench.Serving;

/// <summary>A server that keeps what it gets.</summary>
internal interface IArchiveServer : IServerProcess
{
    /// <summary>The base of its DICOMweb service; null where it has none.</summary>
    Uri? DicomWeb { get; }

    /// <summary>The most memory that it had in RAM, in MB.</summary>
    double PeakMemory { get; }
}
