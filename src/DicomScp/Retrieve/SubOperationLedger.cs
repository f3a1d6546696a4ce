using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What became of the sub-operations of a C-MOVE or C-GET. Several may be told at once.</summary>
/// <param name="total">How many there are.</param>
internal sealed class SubOperationLedger(long total)
{
    // Of as many as can be counted in a response, the UIDs are told.
    private const int MaxListed = ushort.MaxValue;
    private const int MaxComment = 64;

    private readonly Lock _gate = new();
    private readonly List<string> _failed = [];
    private long _completed;
    private long _failures;
    private long _warnings;
    private string? _reason;

    /// <summary>Grows with each sub-operation that ends.</summary>
    public long Ended
    {
        get
        {
            lock (_gate)
            {
                return _completed + _failures + _warnings;
            }
        }
    }

    /// <summary>How many have failed.</summary>
    public long Failures
    {
        get
        {
            lock (_gate)
            {
                return _failures;
            }
        }
    }

    /// <summary>The numbers as a response tells them; what is more than it can tell is told as the most.</summary>
    /// <param name="withRemaining">Whether those still to come are told.</param>
    public SubOperations Count(bool withRemaining)
    {
        lock (_gate)
        {
            return new SubOperations(withRemaining ? Cap(total - _completed - _failures - _warnings) : null, Cap(_completed), Cap(_failures), Cap(_warnings));
        }

        static ushort Cap(long count) => (ushort)Math.Clamp(count, 0, ushort.MaxValue);
    }

    /// <summary>One succeeded.</summary>
    public void Completed(bool withWarning)
    {
        lock (_gate)
        {
            _ = withWarning ? _warnings++ : _completed++;
        }
    }

    /// <summary>One failed.</summary>
    /// <param name="sopInstance">The instance.</param>
    /// <param name="reason">Why, without patient data.</param>
    public void Failed(DicomUid sopInstance, string reason)
    {
        lock (_gate)
        {
            _failures++;
            _reason ??= reason;
            if (_failed.Count < MaxListed)
            {
                _failed.Add(sopInstance.Value);
            }
        }
    }

    /// <summary>Those that have not been told of will not be: they are no longer in the index, or it cannot be read.</summary>
    public void FailRest(string reason)
    {
        lock (_gate)
        {
            long rest = total - _completed - _failures - _warnings;
            if (rest > 0)
            {
                _failures += rest;
                _reason ??= reason;
            }
        }
    }

    /// <summary>The final response (PS3.4 C.4.2.3.1 and C.4.3.3.1).</summary>
    /// <param name="isCancelled">Whether it was ended by a C-CANCEL before the last sub-operation.</param>
    public DimseResponse Conclude(bool isCancelled)
    {
        lock (_gate)
        {
            bool isCut = isCancelled && _completed + _failures + _warnings < total;
            ushort status = isCut ? DimseStatus.Cancel
                : _failures == 0 && _warnings == 0 ? DimseStatus.Success
                : _failures == total ? DimseStatus.OutOfResourcesSubOperations
                : DimseStatus.SubOperationsWithFailures;
            string comment = $"{_failures} of {total} not sent: {_reason}";
            return new DimseResponse(status, _failures > 0 ? comment[..Math.Min(MaxComment, comment.Length)] : null)
            {
                SubOperations = Count(withRemaining: isCut),
                DataSet = _failed.Count > 0 ? new DicomDataSet().SetString(DicomTags.FailedSOPInstanceUIDList, [.. _failed]) : null,
            };
        }
    }
}
