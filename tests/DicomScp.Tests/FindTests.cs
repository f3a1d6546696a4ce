using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.DicomScp.Tests;

/// <summary>C-FIND as findscu of DCMTK sees it.</summary>
public sealed class FindTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_is_found_by_a_wild_card_and_told_with_the_attributes_that_were_asked_for_and_no_others()
    {
        await using TestGateway gateway = await StartAsync();
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(
            gateway, ["-S"], "QueryRetrieveLevel=STUDY", "PatientName=mul*", "StudyInstanceUID", "StudyDate=20200101-20201231", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances", "ModalitiesInStudy", "StudyID");
        DicomDataSet study = Assert.Single(found);
        Assert.Equal("1.2.1", study.GetString(DicomTags.StudyInstanceUID));
        Assert.Equal("Müller^Änne", study.GetString(DicomTags.PatientName));
        Assert.Equal((2, 3), (study.GetInt32(DicomTags.NumberOfStudyRelatedSeries), study.GetInt32(DicomTags.NumberOfStudyRelatedInstances)));
        Assert.Equal(["CT", "MR"], study.GetStrings(DicomTags.ModalitiesInStudy).Order());
        Assert.Equal("MEDICALAI", study.GetString(DicomTags.RetrieveAETitle));
        Assert.Equal(
            [DicomTags.SpecificCharacterSet, DicomTags.StudyDate, DicomTags.QueryRetrieveLevel, DicomTags.RetrieveAETitle, DicomTags.ModalitiesInStudy, DicomTags.PatientName, DicomTags.StudyInstanceUID, DicomTags.StudyID, DicomTags.NumberOfStudyRelatedSeries, DicomTags.NumberOfStudyRelatedInstances],
            study.Select(element => element.Tag));
        Assert.True(study.Find(DicomTags.StudyID)!.IsEmpty);
        Assert.Contains("0xff00", result.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("0xff01", result.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Success", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_matches_is_a_success_without_matches()
    {
        await using TestGateway gateway = await StartAsync();
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(gateway, ["-S"], "QueryRetrieveLevel=STUDY", "PatientID=NOBODY");
        Assert.Empty(found);
        Assert.Contains("Success", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Series_and_images_are_found_below_their_unique_keys()
    {
        await using TestGateway gateway = await StartAsync();
        DicomDataSet[] series = (await FindSetup.FindscuAsync(gateway, ["-S"], "QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.1", "SeriesInstanceUID", "Modality=CT", "NumberOfSeriesRelatedInstances")).Found;
        Assert.Equal(("1.2.1.1", 2), (Assert.Single(series).GetString(DicomTags.SeriesInstanceUID), series[0].GetInt32(DicomTags.NumberOfSeriesRelatedInstances)));
        (ToolResult result, DicomDataSet[] images) = await FindSetup.FindscuAsync(
            gateway, ["-P"], "QueryRetrieveLevel=IMAGE", "PatientID=P1", "StudyInstanceUID=1.2.1", "SeriesInstanceUID=1.2.1.1", "SOPInstanceUID", "SOPClassUID", "InstanceNumber", "ImageComments");
        Assert.Equal(["1.2.1.1.1", "1.2.1.1.2"], images.Select(image => image.GetString(DicomTags.SOPInstanceUID)).Order());
        Assert.All(images, image => Assert.Equal(DicomUids.CTImageStorage, image.GetUid(DicomTags.SOPClassUID)));
        Assert.All(images, image => Assert.Equal("größer", image.GetString(DicomTags.ImageComments)));
        Assert.DoesNotContain("0xff01", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Each_patient_is_told_once_with_its_counts()
    {
        await using TestGateway gateway = await StartAsync();
        DicomDataSet[] found = (await FindSetup.FindscuAsync(gateway, ["-P"], "QueryRetrieveLevel=PATIENT", "PatientID", "PatientName", "NumberOfPatientRelatedStudies", "NumberOfPatientRelatedSeries", "NumberOfPatientRelatedInstances")).Found;
        Assert.Equal(
            [("P1", 2, 3, 4), ("P2", 1, 1, 1)],
            found.Select(patient => (patient.GetString(DicomTags.PatientID), patient.GetInt32(DicomTags.NumberOfPatientRelatedStudies), patient.GetInt32(DicomTags.NumberOfPatientRelatedSeries), patient.GetInt32(DicomTags.NumberOfPatientRelatedInstances))).Order());
        Assert.Equal("P2", Assert.Single((await FindSetup.FindscuAsync(gateway, ["-P"], "QueryRetrieveLevel=PATIENT", "PatientID=?2", "PatientName")).Found).GetString(DicomTags.PatientID));
    }

    [Theory]
    [InlineData("-xe")]
    [InlineData("-xb")]
    [InlineData("-xi")]
    [InlineData("-xd")]
    public async Task Every_transfer_syntax_of_identifiers_gives_the_same_matches(string syntax)
    {
        await using TestGateway gateway = await StartAsync();
        DicomDataSet[] found = (await FindSetup.FindscuAsync(gateway, ["-S", syntax], "QueryRetrieveLevel=STUDY", @"StudyInstanceUID=1.2.1\1.2.3", "PatientName")).Found;
        Assert.Equal([("1.2.1", "Müller^Änne"), ("1.2.3", "Other")], found.Select(study => (study.GetString(DicomTags.StudyInstanceUID)!, study.GetString(DicomTags.PatientName)!)).Order());
    }

    [Theory]
    [InlineData("-S", "PatientID=P1", "StudyInstanceUID")]
    [InlineData("-S", "QueryRetrieveLevel=PATIENT", "PatientID=P1")]
    [InlineData("-S", "QueryRetrieveLevel=SERIES", "Modality=CT")]
    [InlineData("-S", "QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.*")]
    [InlineData("-S", "QueryRetrieveLevel=IMAGE", "StudyInstanceUID=1.2.1")]
    [InlineData("-P", "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.1")]
    public async Task An_identifier_that_breaks_the_rules_of_its_model_does_not_match_the_SOP_class(string model, string first, string second)
    {
        await using TestGateway gateway = await StartAsync();
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(gateway, [model], first, second);
        Assert.Empty(found);
        Assert.Contains("0xa900", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("StudyComments=x")]
    [InlineData("Modality=CT")]
    [InlineData("NumberOfPatientRelatedStudies")]
    public async Task Matches_of_a_query_with_a_key_that_is_not_supported_say_so(string key)
    {
        await using TestGateway gateway = await StartAsync();
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(gateway, ["-S"], "QueryRetrieveLevel=STUDY", "StudyInstanceUID", key.Replace("StudyComments", "0032,4000", StringComparison.Ordinal));
        Assert.Equal(3, found.Length);
        Assert.Contains("0xff01", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_cancel_ends_the_matches()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => Replace(services, Endless));
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(gateway, ["-S", "--cancel", "3"], "QueryRetrieveLevel=STUDY", "StudyInstanceUID");
        Assert.True(found.Length >= 3, result.ToString());
        Assert.Contains("0xfe00", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_cancel_ends_a_search_that_finds_nothing_yet()
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => Replace(services, SearchAsync));
        await using DicomClient client = await FindSetup.ConnectAsync(gateway, DicomUids.StudyRootQueryRetrieveInformationModelFind, []);
        DicomDataSet identifier = new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "STUDY");
        using CancellationTokenSource cancelling = new();
        Task<int> finding = client.FindAsync(DicomUids.StudyRootQueryRetrieveInformationModelFind, identifier, 0, cancelling.Token).CountAsync(Token).AsTask();
        await begun.Task.WaitAsync(Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
        await ended.Task.WaitAsync(Token);
        await client.ReleaseAsync(Token);

        async IAsyncEnumerable<IndexMatch> SearchAsync(IndexQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                ended.SetResult();
            }

            yield break;
        }
    }

    [Fact]
    public async Task While_the_index_is_away_a_query_is_out_of_resources()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => Replace(services, (_, _) => throw new ArchiveUnavailableException("away")));
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(gateway, ["-S"], "QueryRetrieveLevel=STUDY", "StudyInstanceUID");
        Assert.Empty(found);
        Assert.Contains("0xa700", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(9, 0xC000)]
    [InlineData(1024 * 1024 + 2, 0xA700)]
    public async Task An_identifier_that_cannot_be_read_or_is_too_long_is_refused(int length, int status)
    {
        await using TestGateway gateway = await StartAsync();
        using TcpClient peer = new();
        await peer.ConnectAsync(IPAddress.Loopback, gateway.Port, Token);
        NetworkStream stream = peer.GetStream();
        byte[] contexts = Item(0x20, [1, 0, 0, 0, .. Item(0x30, Encoding.ASCII.GetBytes(DicomUids.StudyRootQueryRetrieveInformationModelFind.Value!)), .. Item(0x40, "1.2.840.10008.1.2"u8)]);
        byte[] user = Item(0x50, [.. Item(0x51, [0, 0, 0x40, 0]), .. Item(0x52, "1.2.3"u8)]);
        await stream.WriteAsync(Pdu(1, [0, 1, 0, 0, .. "MEDICALAI       TESTER          "u8, .. new byte[32], .. Item(0x10, "1.2.840.10008.3.1.1.1"u8), .. contexts, .. user]), Token);
        Assert.Equal(2, (await ReadPduAsync(stream))[0]);

        // C-FIND-RQ: Command Field, Message ID, Command Data Set Type.
        byte[] command = [0, 0, 0, 1, 2, 0, 0, 0, 0x20, 0, 0, 0, 0x10, 1, 2, 0, 0, 0, 7, 0, 0, 0, 0, 8, 2, 0, 0, 0, 1, 0];
        await stream.WriteAsync(Data(3, command), Token);
        for (int sent = 0; sent < length; sent += 16_000)
        {
            byte[] part = new byte[Math.Min(16_000, length - sent)];
            part.AsSpan().Fill(0xEE);
            await stream.WriteAsync(Data((byte)(sent + part.Length == length ? 2 : 0), part), Token);
        }

        byte[] answer = await ReadPduAsync(stream);
        int at = answer.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 0, 9, 2, 0, 0, 0]);
        Assert.Equal((4, status), (answer[0], BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(at + 8))));

        static byte[] Item(byte type, ReadOnlySpan<byte> value) => [type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

        static byte[] Data(byte control, byte[] value) => Pdu(4, [0, 0, (byte)((value.Length + 2) >> 8), (byte)(value.Length + 2), 1, control, .. value]);

        static byte[] Pdu(byte type, byte[] value) => [type, 0, 0, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

        static async Task<byte[]> ReadPduAsync(NetworkStream stream)
        {
            byte[] head = new byte[6];
            await stream.ReadExactlyAsync(head, Token);
            byte[] value = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(2))];
            await stream.ReadExactlyAsync(value, Token);
            return [.. head, .. value];
        }
    }

    private static async IAsyncEnumerable<IndexMatch> Endless(IndexQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int i = 0; ; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Study(i);
            await Task.Yield();
        }
    }

    private static IndexMatch Study(int number) =>
        new(new StudyRow(new DicomUid($"1.2.3.{number + 1}"), 1, 1, ["CT"], [], "{}"u8.ToArray(), 1, DateTimeOffset.UnixEpoch), null, null, default);

    private static Task<TestGateway> StartAsync() => FindSetup.StartAsync(
        FindSetup.Instance("P1", "Müller^Änne", "1.2.1", "1.2.1.1", 1, "CT"),
        FindSetup.Instance("P1", "Müller^Änne", "1.2.1", "1.2.1.1", 2, "CT"),
        FindSetup.Instance("P1", "Müller^Änne", "1.2.1", "1.2.1.2", 1, "MR"),
        FindSetup.Instance("P1", "Müller^Änne", "1.2.2", "1.2.2.1", 1, "CT", "20210203"),
        FindSetup.Instance("P2", "Other", "1.2.3", "1.2.3.1", 1, "CT"));

    private static void Replace(IServiceCollection services, Func<IndexQuery, CancellationToken, IAsyncEnumerable<IndexMatch>> find)
    {
        Func<IServiceProvider, object> original = services.Last(service => service.ServiceType == typeof(IStudyIndex)).ImplementationFactory!;
        services.AddSingleton(provider =>
        {
            IStudyIndex index = DispatchProxy.Create<IStudyIndex, IndexWithOtherFind>();
            ((IndexWithOtherFind)index).Inner = (IStudyIndex)original(provider);
            ((IndexWithOtherFind)index).Find = find;
            return index;
        });
    }

    /// <summary>The index of the archive, but for what it finds.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it.
    internal class IndexWithOtherFind : DispatchProxy
#pragma warning restore CA1852
    {
        public IStudyIndex? Inner { get; set; }

        public Func<IndexQuery, CancellationToken, IAsyncEnumerable<IndexMatch>>? Find { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IStudyIndex.FindAsync)
            ? Find!((IndexQuery)args![0]!, (CancellationToken)args[1]!)
            : targetMethod.Invoke(Inner, args);
    }
}
