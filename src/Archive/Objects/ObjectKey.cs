namespace MedicalAi.Archive;

/// <summary>
/// The name of an immutable object in the store: path components of letters, digits, dots, hyphens and underscores, separated by
/// <c>/</c>. Two different contents never share a key, because it holds a digest of the content.
/// </summary>
/// <param name="Value">The key as text.</param>
public readonly record struct ObjectKey(string Value)
{
    /// <summary>The longest key that is accepted, in characters.</summary>
    public const int MaximumLength = 512;

    /// <summary>Whether every component is non-empty, made of the allowed characters, and not only of dots.</summary>
    public bool IsValid => Check(Value);

    /// <summary>The key of an instance: <c>studies/{study}/series/{series}/{instance}.{16 hex of the digest}.dcm</c>.</summary>
    /// <param name="identity">Valid UIDs.</param>
    /// <param name="digest">The file's digest (<see cref="InstanceRecord.FileDigest"/>).</param>
    public static ObjectKey ForInstance(InstanceIdentity identity, ReadOnlySpan<byte> digest) =>
        new($"studies/{identity.Study}/series/{identity.Series}/{identity.SopInstance}.{Convert.ToHexStringLower(digest[..8])}.dcm");

    /// <summary>The key of an instance that is kept aside because its UID is taken by other content.</summary>
    /// <param name="identity">Valid UIDs.</param>
    /// <param name="digest">The file's digest (<see cref="InstanceRecord.FileDigest"/>).</param>
    public static ObjectKey ForQuarantine(InstanceIdentity identity, ReadOnlySpan<byte> digest) =>
        new($"quarantine/{identity.SopInstance}/{Convert.ToHexStringLower(digest[..8])}.dcm");

    /// <summary>The key as text.</summary>
    public override string ToString() => Value ?? "";

    private static bool Check(string? value)
    {
        if (value is not { Length: > 0 and <= MaximumLength })
        {
            return false;
        }

        foreach (Range range in value.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> component = value.AsSpan(range);
            if (component.IsEmpty || component.Trim('.').IsEmpty)
            {
                return false;
            }

            foreach (char c in component)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
