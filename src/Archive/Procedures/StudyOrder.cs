namespace MedicalAi.Archive;

/// <summary>What was ordered of a study, as the RIS tells it (PS3.4 annex K).</summary>
/// <param name="Priority">Requested Procedure Priority (0040,1003), the highest where there are several procedures; null when none was told.</param>
/// <param name="Procedures">The codes of the procedures and protocols.</param>
public sealed record StudyOrder(TaskPriority? Priority, IReadOnlyList<ProcedureCode> Procedures);

/// <summary>A code of a procedure or a protocol (PS3.3 table 8.8-1).</summary>
/// <param name="Value">Code Value (0008,0100).</param>
/// <param name="Scheme">Coding Scheme Designator (0008,0102).</param>
/// <param name="Meaning">Code Meaning (0008,0104).</param>
public readonly record struct ProcedureCode(string Value, string Scheme, string Meaning);

/// <summary>
/// Asks others what was ordered of a study. It keeps to a short time, and never throws but when it is cancelled: null when nothing was
/// learnt.
/// </summary>
/// <param name="study">The study.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask<StudyOrder?> StudyOrderSource(StudyRow study, CancellationToken cancellationToken);
