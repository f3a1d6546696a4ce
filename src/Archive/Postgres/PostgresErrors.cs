using Npgsql;

namespace MedicalAi.Archive;

/// <summary>What the errors of PostgreSQL mean (appendix A of its manual).</summary>
internal static class PostgresErrors
{
    /// <summary>Whether the same again may go well at once: another transaction was in the way, or a connection of the pool had been lost.</summary>
    /// <param name="e">The error.</param>
    /// <param name="isCommitting">Whether the commit was sent: then only an answer that it was not done tells so.</param>
    public static bool IsPassing(Exception e, bool isCommitting) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation } => true,
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => !isCommitting,
        PostgresException => false,
        NpgsqlException { InnerException: not TimeoutException } => !isCommitting,
        _ => false,
    };

    /// <summary>Whether the disk of the database is full.</summary>
    public static bool IsFull(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.DiskFull };

    /// <summary>Whether the fault is the server's or the way's to it, and not the statement's.</summary>
    public static bool IsAway(Exception e) => e switch
    {
        // Connections, transactions that stood in the way, resources, locks, operators, the system, no right to be here.
        PostgresException postgres => postgres.SqlState[..2] is "08" or "25" or "28" or "3D" or "40" or "53" or "55" or "57" or "58" or "F0" or "XX",
        NpgsqlException or TimeoutException or System.Net.Sockets.SocketException => true,
        _ => false,
    };
}
