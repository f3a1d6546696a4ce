using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.InferenceEngine;

/// <summary>An instance with pixels, opened: its header is read, its pixels are not.</summary>
/// <param name="Row">The instance.</param>
/// <param name="Header">Its attributes, with the look-up tables of its first frame.</param>
/// <param name="Stored">Its pixels as they are stored.</param>
internal sealed record InstanceImage(InstanceRow Row, DicomDataSet Header, StoredPixels Stored);
