namespace MedicalAi.DicomWeb;

/// <summary>
/// A body that is not the multipart body that it was announced as. An exception, because the reader of a part's body can be told
/// in no other way that its bytes end where they should not.
/// </summary>
internal sealed class MultipartFormatException(string message) : IOException(message);
