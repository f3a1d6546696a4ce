using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// Our certificate and the authorities that we trust for DICOM over TLS, by the rules of BCP 195 (RFC 8996, RFC 9325; PS3.15 B.12):
/// TLS 1.2 and 1.3 only, and with OpenSSL only suites with forward secrecy and authenticated encryption. Revocation is not looked up.
/// </summary>
public sealed class DicomTlsOptions
{
    // The name that IANA has for ALPN. A peer that offers none is served as well.
    private static readonly SslApplicationProtocol s_protocol = new("dicom");

    private readonly SslStreamCertificateContext? _certificate;
    private readonly X509Certificate2Collection? _authorities;

    private DicomTlsOptions(SslStreamCertificateContext? certificate, X509Certificate2Collection? authorities) => (_certificate, _authorities) = (certificate, authorities);

    /// <summary>Whether we have a certificate to show; an acceptor needs one.</summary>
    public bool HasCertificate => _certificate is not null;

    /// <summary>Whether an acceptor with these options lets in only peers with a certificate of our authorities (mutual TLS).</summary>
    public bool AuthenticatesPeers => _authorities is not null;

    /// <summary>Reads PEM files.</summary>
    /// <param name="certificateFile">Our certificate, then those between it and its authority; null for none.</param>
    /// <param name="keyFile">Its private key, not encrypted; null when it stands in the file of the certificate.</param>
    /// <param name="authoritiesFile">
    /// The certificates of the authorities for our peers. Null: a requestor trusts those of the system, an acceptor asks for no certificate.
    /// </param>
    /// <exception cref="InvalidDataException">A file cannot be read or holds something else; the message is one line.</exception>
    public static DicomTlsOptions Load(string? certificateFile, string? keyFile, string? authoritiesFile)
    {
        if (certificateFile is null && keyFile is not null)
        {
            throw new InvalidDataException($"There is a private key, {keyFile}, but no certificate for it.");
        }

        return new DicomTlsOptions(certificateFile is null ? null : LoadCertificate(certificateFile, keyFile ?? certificateFile), authoritiesFile is null ? null : LoadCertificates(authoritiesFile));
    }

    /// <summary>How a connection is accepted.</summary>
    /// <exception cref="InvalidOperationException">There is no certificate.</exception>
    public SslServerAuthenticationOptions ForAcceptor()
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = _certificate ?? throw new InvalidOperationException("An acceptor needs a certificate."),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [s_protocol],
            AllowRenegotiation = false,
            ClientCertificateRequired = AuthenticatesPeers,
            CertificateChainPolicy = ChainPolicy(),
        };
        if (!OperatingSystem.IsWindows() && !OperatingSystem.IsAndroid())
        {
            options.CipherSuitesPolicy = Suites();
        }

        return options;
    }

    /// <summary>How a connection is opened: the certificate of the peer must be for this host name or address.</summary>
    internal SslClientAuthenticationOptions ForRequestor(string host)
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            ClientCertificateContext = _certificate,
            CertificateChainPolicy = ChainPolicy(),
        };
        if (!OperatingSystem.IsWindows() && !OperatingSystem.IsAndroid())
        {
            options.CipherSuitesPolicy = Suites();
        }

        return options;
    }

    // RFC 9325 section 4.2, and all of TLS 1.3.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("android")]
    private static CipherSuitesPolicy Suites() => new(
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ]);

    private X509ChainPolicy ChainPolicy()
    {
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck };
        if (_authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_authorities);
        }

        return policy;
    }

    private static SslStreamCertificateContext LoadCertificate(string certificateFile, string keyFile)
    {
        X509Certificate2Collection chain = LoadCertificates(certificateFile);
        string key = Read(keyFile);
        try
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPem(Read(certificateFile), key);
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{keyFile} holds no unencrypted private key in PEM that fits the certificate in {certificateFile}.", exception);
        }
    }

    private static X509Certificate2Collection LoadCertificates(string file)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPem(Read(file));
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException($"{file} holds a certificate that cannot be read.", exception);
        }

        return certificates.Count > 0 ? certificates : throw new InvalidDataException($"{file} holds no certificate in PEM.");
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{file} cannot be read: {exception.Message}", exception);
        }
    }
}
