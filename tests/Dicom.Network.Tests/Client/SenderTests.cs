using MedicalAi.Testing;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class SenderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Storescp_gets_every_file_that_is_an_instance_with_its_data_set()
    {
        using TempFolder folder = new();
        await using StoreScp scp = await StoreScp.StartAsync(folder.Path);
        List<SentFile> sent = await SendAsync(scp.Port, [TestData.Path("dicom")]);
        Assert.True(sent.Count > 50);

        // The same SOP instance may stand in several files: storescp keeps the last.
        Dictionary<DicomUid, InstanceFile> last = [];
        foreach (SentFile file in sent.Where(file => file.IsStored))
        {
            InstanceFile ours = (await InstanceFile.ReadAsync(file.Path, Token)).Value;
            last[ours.SopInstance] = ours;
        }

        int compared = 0;
        foreach (InstanceFile ours in last.Values)
        {
            // storescp names files by a word for the SOP class and the instance.
            byte[] sentBytes = await File.ReadAllBytesAsync(ours.Path, Token);
            bool isIdentical = false, isSameSyntax = false;
            foreach (string path in Directory.EnumerateFiles(folder.Path).Where(path => Path.GetFileName(path).Split('.', 2)[1] == ours.SopInstance.Value))
            {
                byte[] received = await File.ReadAllBytesAsync(path, Token);
                Part10Header arrived = FileMetaInformation.TryRead(new System.Buffers.ReadOnlySequence<byte>(received), isFinal: true).Value!;
                isSameSyntax |= arrived.TransferSyntax == ours.TransferSyntax;
                isIdentical |= received.AsSpan((int)arrived.DataSetOffset).SequenceEqual(sentBytes.AsSpan((int)ours.DataSetOffset));
            }

            if (isSameSyntax && (sentBytes.Length - ours.DataSetOffset) % 2 == 0)
            {
                Assert.True(isIdentical, ours.Path);
                compared++;
            }
        }

        Assert.True(compared > 50, $"{compared} of {sent.Count} compared");

        // What was not sent is no instance, or storescp does not take it; each says why.
        Assert.All(sent.Where(file => !file.IsStored), file => Assert.False(string.IsNullOrWhiteSpace(file.Error), file.Path));
    }

    [Fact]
    public async Task Storescp_that_takes_implicit_little_endian_only_gets_uncompressed_files_rewritten_and_no_others()
    {
        using TempFolder folder = new();
        await using StoreScp scp = await StoreScp.StartAsync(folder.Path, "+xi");
        List<SentFile> sent = await SendAsync(scp.Port, [TestData.Path("dicom/dcm4che/NM-MONO2-16-13x-heart"), TestData.Path("dicom/dcm4che/CT-JPEGLosslessSV1.dcm")]);
        Assert.True(sent[0].IsStored, sent[0].Error);
        Assert.Contains("JPEG Lossless", sent[1].Error, StringComparison.Ordinal);
        DicomFile arrived = DicomFile.Parse(await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(folder.Path)), Token)).Value;
        DicomFile ours = DicomFile.Parse(await File.ReadAllBytesAsync(sent[0].Path, Token)).Value;
        Assert.Equal(TransferSyntax.ImplicitVrLittleEndian, arrived.TransferSyntax);
        Assert.Equal(DicomDataSetWriter.ToBytes(ours.DataSet, TransferSyntax.ImplicitVrLittleEndian), DicomDataSetWriter.ToBytes(arrived.DataSet, TransferSyntax.ImplicitVrLittleEndian));
    }

    [Fact]
    public async Task Storescp_that_rejects_the_association_leaves_every_file_with_the_reason()
    {
        using TempFolder folder = new();
        await using StoreScp scp = await StoreScp.StartAsync(folder.Path, "--refuse");
        List<SentFile> sent = await SendAsync(scp.Port, [TestData.Path("dicom/dcm4che/CT-JPEGLosslessSV1.dcm"), TestData.Path("dicom/dcm4che/MR-JPEGLosslessSV1.dcm")]);
        Assert.Equal(2, sent.Count);
        Assert.All(sent, file => Assert.StartsWith("The association was rejected", file.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Storescp_that_aborts_during_a_store_costs_that_file_and_the_sender_gives_up_in_the_end()
    {
        using TempFolder folder = new();
        await using StoreScp scp = await StoreScp.StartAsync(folder.Path, "--abort-during");
        string file = TestData.Path("dicom/dcm4che/CT-JPEGLosslessSV1.dcm");
        List<SentFile> sent = await SendAsync(scp.Port, [file, file, file]);
        Assert.Equal(3, sent.Count);
        Assert.All(sent, one => Assert.False(one.IsStored));
        Assert.Equal("The peer ends every association without an answer.", sent[2].Error);
    }

    [Fact]
    public async Task A_folder_to_which_links_lead_is_gone_through_once()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder.File("in/b"));
        Directory.CreateDirectory(folder.File("elsewhere"));
        await File.WriteAllTextAsync(folder.File("in/b/2"), "x", Token);
        await File.WriteAllTextAsync(folder.File("in/a"), "x", Token);
        await File.WriteAllTextAsync(folder.File("elsewhere/3"), "x", Token);

        // Each way round that links make doubles the ways, up to 40 links deep.
        Directory.CreateSymbolicLink(folder.File("in/again"), ".");
        Directory.CreateSymbolicLink(folder.File("in/b/up"), "..");
        Directory.CreateSymbolicLink(folder.File("in/round"), "again/b/up");
        Directory.CreateSymbolicLink(folder.File("in/circle"), "circle");
        Directory.CreateSymbolicLink(folder.File("in/c"), folder.File("elsewhere"));
        Assert.Equal(
            [folder.File("in/a"), folder.File("in/b/2"), folder.File("in/c/3"), folder.File("in/circle")],
            DicomSender.FindFiles([folder.File("in")]));
    }

    [Fact]
    public async Task A_folder_is_sent_in_order_and_a_path_that_does_not_exist_is_an_error()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder.File("b"));
        await File.WriteAllTextAsync(folder.File("b/2"), "x", Token);
        await File.WriteAllTextAsync(folder.File("a"), "x", Token);
        Assert.Equal([folder.File("a"), folder.File("b/2")], DicomSender.FindFiles([folder.Path]));
        Assert.Throws<FileNotFoundException>(() => DicomSender.FindFiles([folder.File("none")]));
        List<SentFile> sent = await SendAsync(1, [folder.Path]);
        Assert.All(sent, file => Assert.Equal((null, 0), (file.Status, file.Length)));
    }

    [Fact]
    public void Files_of_many_kinds_are_spread_over_associations_of_at_most_128_contexts()
    {
        InstanceFile[] files =
        [
            .. from entry in UidRegistry.StorageSopClasses
               from syntax in new[] { TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.Find(DicomUids.RLELossless)! }
               select new InstanceFile(entry.Uid.Value + syntax.Uid.Value, 1, entry.Uid, new DicomUid("1.2"), syntax, 0),
        ];
        var groups = DicomSender.Group(files).ToList();
        Assert.Equal(files, groups.SelectMany(group => group.Files));
        Assert.All(groups, group => Assert.InRange(group.Contexts.Length, 1, PresentationContext.Maximum));
        Assert.All(groups, group => Assert.All(group.Files, file => Assert.Contains(group.Contexts, context => context.AbstractSyntax == file.SopClass && context.TransferSyntaxes[0] == file.TransferSyntax)));
    }

    private static async Task<List<SentFile>> SendAsync(int port, IEnumerable<string> paths)
    {
        List<SentFile> sent = [];
        DicomSender sender = new(new DicomClientOptions { Host = "127.0.0.1", Port = port, CalledAe = AeTitle.Parse("STORESCP") });
        await foreach (SentFile file in sender.SendAsync(DicomSender.FindFiles(paths), Token))
        {
            sent.Add(file);
        }

        return sent;
    }
}
