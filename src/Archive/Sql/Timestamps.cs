namespace MedicalAi.Archive;

/// <summary>Times in the database: milliseconds since 1970 in UTC.</summary>
internal static class Timestamps
{
    public static long ToColumn(this DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static DateTimeOffset FromColumn(long value) => DateTimeOffset.FromUnixTimeMilliseconds(value);

    public static DateTimeOffset? FromColumn(long? value) => value is { } v ? FromColumn(v) : null;
}
