using MedicalAi.Archive;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

public sealed class S3SettingsTests
{
    [Fact]
    public void Without_an_endpoint_objects_are_files() => Assert.Null(Read().S3.ToOptions());

    [Fact]
    public void Endpoint_and_credentials_are_enough()
    {
        S3Options options = Read(("MINIO_ENDPOINT", "minio:9000"), ("MINIO_ROOT_USER", "user"), ("MINIO_ROOT_PASSWORD", "secret")).S3.ToOptions()!;
        Assert.Equal(new Uri("http://minio:9000"), options.Endpoint);
        Assert.Equal(("user", "secret", "medicalai", "us-east-1", ""), (options.AccessKey, options.SecretKey, options.Bucket, options.Region, options.Prefix));
        Assert.Equal(S3Encryption.None, options.Encryption);
    }

    [Fact]
    public void Credentials_are_read_from_mounted_files()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("user"), "user\n");
        File.WriteAllText(folder.File("secret"), "secret\n");
        S3Options options = Read(("MINIO_ENDPOINT", "minio:9000"), ("MINIO_ROOT_USER_FILE", folder.File("user")), ("MINIO_ROOT_PASSWORD_FILE", folder.File("secret"))).S3.ToOptions()!;
        Assert.Equal(("user", "secret"), (options.AccessKey, options.SecretKey));
    }

    [Theory]
    [InlineData("minio:9000", "true", "https://minio:9000")]
    [InlineData("http://minio:9000", "true", "http://minio:9000")]
    [InlineData("https://s3.eu-central-1.amazonaws.com", "false", "https://s3.eu-central-1.amazonaws.com")]
    public void The_scheme_of_an_address_holds_over_the_switch_for_TLS(string endpoint, string secure, string expected) =>
        Assert.Equal(new Uri(expected), ReadWith(("MINIO_ENDPOINT", endpoint), ("MINIO_SECURE", secure)).Endpoint);

    [Fact]
    public void Bucket_region_prefix_and_encryption_are_taken_over()
    {
        S3Options options = ReadWith(("MINIO_BUCKET", "radiology"), ("MINIO_REGION", "eu-central-1"), ("MINIO_PREFIX", "/north/ct/"), ("MINIO_ENCRYPTION", "kms:key-1"));
        Assert.Equal(("radiology", "eu-central-1", "north/ct", S3Encryption.Kms, "key-1"), (options.Bucket, options.Region, options.Prefix, options.Encryption, options.EncryptionKey));
    }

    [Theory]
    [InlineData("MINIO_BUCKET", "Radiology")]
    [InlineData("MINIO_BUCKET", "ab")]
    [InlineData("MINIO_PREFIX", "../other")]
    [InlineData("MINIO_ENCRYPTION", "kms:")]
    [InlineData("MINIO_ENCRYPTION", "aes")]
    [InlineData("MINIO_ENDPOINT", "http://minio:9000/path")]
    [InlineData("MINIO_ENDPOINT", "ftp://minio")]
    [InlineData("MINIO_CA", "/nowhere/at/all.pem")]
    public void A_value_that_cannot_be_used_ends_the_start(string name, string value) => Assert.Throws<ConfigurationException>(() => ReadWith((name, value)));

    [Theory]
    [InlineData("MINIO_ENDPOINT", "minio:9000")]
    [InlineData("MINIO_ROOT_USER", "user")]
    public void Half_of_the_settings_end_the_start(string name, string value) => Assert.Throws<ConfigurationException>(() => Read((name, value)));

    private static S3Options ReadWith(params (string Name, string Value)[] values) =>
        Read([.. values, ("MINIO_ENDPOINT", "minio:9000"), ("MINIO_ROOT_USER", "user"), ("MINIO_ROOT_PASSWORD", "secret")]).S3.ToOptions()!;

    private static GatewayOptions Read(params (string Name, string Value)[] values) =>
        GatewayConfiguration.Read([], name => values.Where(value => value.Name == name).Select(value => value.Value).FirstOrDefault(), _ => null).Checked();
}
