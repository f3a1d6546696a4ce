namespace MedicalAi.Dicom;

/// <summary>A range as queries have it (PS3.4 C.2.2.2.5): both ends belong to it, and either may be open.</summary>
/// <typeparam name="T">What is compared: dates, times or instants.</typeparam>
/// <param name="First">The first that belongs to it; null when it has no beginning.</param>
/// <param name="Last">The last that belongs to it; null when it has no end.</param>
public readonly record struct DicomRange<T>(T? First, T? Last)
    where T : struct, IComparable<T>
{
    /// <summary>Whether a value lies within.</summary>
    public bool Contains(T value) => (First is not { } first || value.CompareTo(first) >= 0) && (Last is not { } last || value.CompareTo(last) <= 0);

    /// <summary>Whether an interval shares anything with this one.</summary>
    public bool Overlaps(T first, T last) => (Last is not { } end || first.CompareTo(end) <= 0) && (First is not { } begin || last.CompareTo(begin) >= 0);
}
