using System.Text;
using MedicalAi.Dicom.Network;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MedicalAi.Gateway;

/// <summary>Checks the user identity of associations: user and passcode by <see cref="UserStore"/>, JSON web tokens by the configured key.</summary>
internal sealed class DicomIdentityCheck(GatewayOptions options, UserStore users, ILogger<DicomIdentityCheck> logger)
{
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters? _rules = options.JwtSecretKey is not { } key ? null : new()
    {
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)),
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        RequireExpirationTime = true,
        ValidateAudience = false,
        ValidateIssuer = false,
        ClockSkew = TimeSpan.FromMinutes(1),
    };

    /// <summary>Decides on an identity. Passcodes and tokens stand in no log.</summary>
    public async ValueTask<Admission> CheckAsync(UserIdentity? identity, CancellationToken cancellationToken)
    {
        bool isRequired = options.DicomIdentity == DicomIdentity.Required;
        if (identity is null)
        {
            return isRequired ? Refuse("none was shown") : default;
        }

        try
        {
            if (!isRequired && _rules is null && users.Names.Count == 0)
            {
                // There is nothing to compare it with.
                return default;
            }

            return identity.Type switch
            {
                UserIdentityType.UsernameAndPasscode => users.Verify(identity.PrimaryText, identity.SecondaryText) ? Accept(identity.PrimaryText) : Refuse("user or passcode is wrong"),
                UserIdentityType.JsonWebToken => await CheckTokenAsync(identity.PrimaryText),

                // A name alone proves nothing; it is enough where nothing need be proved.
                UserIdentityType.Username => !isRequired && users.Contains(identity.PrimaryText) ? Accept(identity.PrimaryText) : Refuse("a name without a passcode"),
                _ => Refuse($"{identity.Type} is not supported"),
            };
        }
        catch (InvalidDataException exception)
        {
            Log.UsersNotRead(logger, exception);
            return Refuse("the users cannot be read");
        }
    }

    private static Admission Accept(string user) => new(null, user, ReadOnlyMemory<byte>.Empty);

    private async ValueTask<Admission> CheckTokenAsync(string token)
    {
        if (_rules is null)
        {
            return Refuse("there is no key of tokens (JWT_SECRET_KEY)");
        }

        TokenValidationResult result = await _tokens.ValidateTokenAsync(token, _rules);
        return !result.IsValid ? Refuse($"the token is not valid ({result.Exception.GetType().Name})")
            : result.ClaimsIdentity.FindFirst(JwtRegisteredClaimNames.Sub)?.Value is { Length: > 0 } subject ? Accept(subject)
            : Refuse("the token names no subject");
    }

    private Admission Refuse(string why)
    {
        Log.IdentityRefused(logger, why);
        return new Admission(AssociationRefusal.NoReason);
    }
}
