namespace MedicalAi.Dicom;

/// <summary>
/// What one reading may spend on elements that come out of order: each moves those after it, so that hostile input could otherwise
/// cost time by the square of its length. A mutable value: held in a field that is not readonly.
/// </summary>
internal struct OutOfOrderBudget
{
    private const long MaxMoved = 100_000_000;

    private long _moved;

    /// <summary>Puts an element that does not come last in its place; false, and nothing done, when the budget is spent.</summary>
    public bool TrySet(DicomDataSet dataSet, DicomElement element)
    {
        _moved += dataSet.Count;
        if (_moved > MaxMoved)
        {
            return false;
        }

        dataSet.Set(element);
        return true;
    }
}
