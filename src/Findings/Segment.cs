namespace MedicalAi.Findings;

/// <summary>What one value of a label map stands for.</summary>
/// <param name="Number">The value, from 1 without gaps (Segment Number, PS3.3 C.8.20.2).</param>
/// <param name="Label">The name for people, up to 64 characters.</param>
/// <param name="Category">The segmented property category, CID 7150, for example (85756007, SCT, "Tissue").</param>
/// <param name="Type">The segmented property type.</param>
/// <param name="AnatomicRegion">The anatomic region; null when the type says it.</param>
/// <param name="Color">The colour to show it in.</param>
public sealed record Segment(int Number, string Label, CodedConcept Category, CodedConcept Type, CodedConcept? AnatomicRegion, RgbColor Color);

/// <summary>A colour in sRGB.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
public readonly record struct RgbColor(byte Red, byte Green, byte Blue);
