namespace MedicalAi.Archive;

/// <summary>What the store tells of an object.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="PublishedAt">When it was written, as the store knows it.</param>
public readonly record struct ObjectInfo(ObjectKey Key, long Length, DateTimeOffset PublishedAt);
