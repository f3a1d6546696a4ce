using System.Text;

namespace MedicalAi.Dicom.Network;

/// <summary>The kinds of user identity (PS3.7 table D.3-14).</summary>
public enum UserIdentityType
{
    /// <summary>A user name.</summary>
    Username = 1,

    /// <summary>A user name with a passcode.</summary>
    UsernameAndPasscode = 2,

    /// <summary>A Kerberos service ticket.</summary>
    Kerberos = 3,

    /// <summary>A SAML assertion.</summary>
    Saml = 4,

    /// <summary>A JSON web token.</summary>
    JsonWebToken = 5,
}

/// <summary>A user identity as the requestor of an association shows it (PS3.7 D.3.3.7). Its texts are secrets: they belong in no log.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Primary">The user name, ticket, assertion or token, as bytes.</param>
/// <param name="Secondary">The passcode; empty for other kinds than <see cref="UserIdentityType.UsernameAndPasscode"/>.</param>
/// <param name="IsResponseRequested">Whether the requestor wants to hear that its identity was accepted.</param>
public sealed record UserIdentity(UserIdentityType Type, ReadOnlyMemory<byte> Primary, ReadOnlyMemory<byte> Secondary, bool IsResponseRequested = false)
{
    /// <summary>The user name, assertion or token as text.</summary>
    public string PrimaryText => Encoding.UTF8.GetString(Primary.Span);

    /// <summary>The passcode as text.</summary>
    public string SecondaryText => Encoding.UTF8.GetString(Secondary.Span);

    /// <summary>A user by name alone.</summary>
    public static UserIdentity OfName(string name) => new(UserIdentityType.Username, Encoding.UTF8.GetBytes(name), default);

    /// <summary>A user by name and passcode.</summary>
    public static UserIdentity OfPasscode(string name, string passcode) => new(UserIdentityType.UsernameAndPasscode, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(passcode));

    /// <summary>A user by JSON web token.</summary>
    public static UserIdentity OfToken(string token) => new(UserIdentityType.JsonWebToken, Encoding.ASCII.GetBytes(token), default);

    /// <inheritdoc />
    public override string ToString() => Type.ToString();
}
