using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>An Instance Availability Notification (PS3.4 annex R).</summary>
/// <param name="SopInstance">Its SOP Instance UID.</param>
/// <param name="Study">Its study.</param>
/// <param name="Instances">The instances that it names.</param>
/// <param name="DataSet">All its attributes as a data set in Explicit VR Little Endian.</param>
/// <param name="CallingAe">The AE title of who told of it.</param>
public sealed record AvailabilityNotification(DicomUid SopInstance, DicomUid Study, IReadOnlyList<DicomUid> Instances, ReadOnlyMemory<byte> DataSet, string CallingAe);
