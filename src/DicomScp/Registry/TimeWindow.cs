namespace MedicalAi.DicomScp;

/// <summary>Hours of some days in which something may be done, by the local time of the gateway.</summary>
/// <param name="From">When it opens.</param>
/// <param name="To">When it closes; not after <paramref name="From"/> for one over midnight.</param>
/// <param name="Days">The days on which it opens.</param>
public sealed record TimeWindow(TimeOnly From, TimeOnly To, IReadOnlySet<DayOfWeek> Days)
{
    /// <summary>Whether it is open.</summary>
    public bool IsOpen(DateTimeOffset local)
    {
        TimeOnly time = TimeOnly.FromTimeSpan(local.TimeOfDay);
        DayOfWeek today = local.DayOfWeek;
        DayOfWeek yesterday = (DayOfWeek)(((int)today + 6) % 7);
        return From < To
            ? time >= From && time < To && Days.Contains(today)
            : (time >= From && Days.Contains(today)) || (time < To && Days.Contains(yesterday));
    }
}
