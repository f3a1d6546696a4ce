using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary>An authority made for one test, and the certificates that it signs, as PEM files.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=Test authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(Authority, _authority.ExportCertificatePem());
        Sign("gateway");
        Sign("modality");
    }

    /// <summary>The file of the authority.</summary>
    public string Authority => _folder.File("authority.pem");

    /// <summary>The file of a certificate.</summary>
    public string Certificate(string name) => _folder.File(name + ".pem");

    /// <summary>The file of its key.</summary>
    public string Key(string name) => _folder.File(name + ".key");

    /// <summary>Makes a certificate for this machine, or for another address.</summary>
    public void Sign(string name, string address = "127.0.0.1")
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Certificate(name), certificate.ExportCertificatePem());
        File.WriteAllText(Key(name), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}
