namespace MedicalAi.Archive;

/// <summary>A staged object and the key under which it is to be seen.</summary>
/// <param name="Object">The object, complete.</param>
/// <param name="Key">Its key.</param>
public readonly record struct Publication(StagedObject Object, ObjectKey Key);
