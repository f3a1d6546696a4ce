using System.Buffers;
using System.Text;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Media;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Fuzz;

/// <summary>What is fuzzed: everything that reads what others send.</summary>
internal static class FuzzTargets
{
    private static readonly TransferSyntax[] s_syntaxes =
        [TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian, TransferSyntax.DeflatedExplicitVrLittleEndian];

    private static readonly string[] s_terms =
    [
        "", "ISO_IR 6", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126", "ISO_IR 138", "ISO_IR 148", "ISO_IR 203",
        "ISO_IR 13", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK", "ISO 2022 IR 6", "ISO 2022 IR 100", "ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159",
        "ISO 2022 IR 149", "ISO 2022 IR 58", "ISO 2022 IR 203", "nonsense",
    ];

    private static readonly Vr[] s_vrs = [Vr.PN, Vr.LO, Vr.LT, Vr.UT, Vr.SH];

    // The first text of a code page loads its table.
    private const int TableLength = 4 * 1024 * 1024;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("data-set", MakeDataSet, CheckDataSet, 1000),
        new("file", random => Mutator.Mutate(random, Corpus.Files[random.Next(Corpus.Files.Count)], Corpus.Files), CheckFile, 1000),
        new("json", MakeJson, CheckJson, 2000),
        new("xml", MakeXml, CheckXml, 2000),
        new("charset", MakeText, CheckText, 5000),
        new("values", MakeValue, CheckValues, 5000),
        new("pdu", random => Mutator.Mutate(random, NetworkInputs.Pdus[random.Next(NetworkInputs.Pdus.Count)], NetworkInputs.Pdus), CheckPdu, 5000),
        new("command", random => Mutator.Mutate(random, NetworkInputs.Commands[random.Next(NetworkInputs.Commands.Count)], NetworkInputs.Commands), CheckCommand, 5000),
        new("dicomdir", random => Mutator.Mutate(random, Corpus.Directories[random.Next(Corpus.Directories.Count)], Corpus.Directories), CheckDirectory, 1000),
        new("validator", random => Mutator.Mutate(random, Corpus.Files[random.Next(Corpus.Files.Count)], Corpus.Files), CheckValidator, 500),
        new("deidentifier", MakeDataSet, CheckDeidentifier, 500),
    ];

    /// <summary>The one of a name.</summary>
    public static FuzzTarget Find(string name) => All.FirstOrDefault(target => target.Name == name) ?? throw new ArgumentException($"There is no target {name}.", nameof(name));

    // The first byte names the transfer syntax.
    private static byte[] MakeDataSet(Random random)
    {
        IReadOnlyList<byte[]> all = Corpus.DataSetBytes;
        if (random.Next(10) == 0)
        {
            byte[] noise = new byte[random.Next(400)];
            random.NextBytes(noise);
            return [(byte)random.Next(s_syntaxes.Length), .. Mutator.Mutate(random, noise, Corpus.Files)];
        }

        (byte[] bytes, TransferSyntax syntax) = Corpus.DataSets[random.Next(Corpus.DataSets.Count)];
        int known = Array.IndexOf(s_syntaxes, syntax);
        return [(byte)(known < 0 || random.Next(8) == 0 ? random.Next(s_syntaxes.Length) : known), .. Mutator.Mutate(random, bytes, all)];
    }

    private static (byte[] Bytes, TransferSyntax Syntax) DataSetOf(byte[] input) =>
        input.Length == 0 ? ([], s_syntaxes[0]) : (input[1..], s_syntaxes[input[0] % s_syntaxes.Length]);

    private static void CheckDataSet(byte[] input)
    {
        (byte[] bytes, TransferSyntax syntax) = DataSetOf(input);
        DataSetOracle.Check(FuzzTarget.RandomOf(input), bytes, syntax);
    }

    private static void CheckFile(byte[] bytes)
    {
        ParseResult<DicomFile> whole = DicomFile.Parse(bytes);
        using Blockwise stream = new(FuzzTarget.RandomOf(bytes), bytes);
        Task<ParseResult<DicomFile>> reading = DicomFile.ReadAsync(stream, null, CancellationToken.None);
        Assert.True(reading.IsCompletedSuccessfully, reading.Exception?.Message); // The stream has no waits.
#pragma warning disable VSTHRD002 // It is completed.
        ParseResult<DicomFile> parts = reading.Result;
#pragma warning restore VSTHRD002
        Assert.True(AreSame(whole.Error, parts.Error), $"from memory: {whole.Error}, from a stream: {parts.Error}");
        if (whole.Ok)
        {
            Assert.Equal(whole.Value.Header, parts.Value.Header);
            Assert.Equal(DataSetOracle.Describe(whole.Value.DataSet), DataSetOracle.Describe(parts.Value.DataSet));
        }
    }

    // The file may be deflated; see DataSetOracle.
    private static bool AreSame(DicomError? whole, DicomError? parts) => whole?.Kind == parts?.Kind
        || (whole is not null && parts is not null && DicomErrorKind.CorruptDeflate is var corrupt && (whole.Kind == corrupt || parts.Kind == corrupt));

    private static byte[] MakeJson(Random random) => random.Next(4) switch
    {
        0 => Mutator.Mutate(random, "{\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"A\"}]},\"00081110\":{\"vr\":\"SQ\",\"Value\":[{},null]},\"7FE00010\":{\"BulkDataURI\":\"a\"}}"u8.ToArray(), Corpus.Json),
        1 => Mutator.Mutate(random, [(byte)'[', .. Corpus.Json[random.Next(Corpus.Json.Count)], (byte)',', .. Corpus.Json[random.Next(Corpus.Json.Count)], (byte)']'], Corpus.Json),
        _ => Mutator.Mutate(random, Corpus.Json[random.Next(Corpus.Json.Count)], Corpus.Json),
    };

    private static void CheckJson(byte[] bytes)
    {
        ParseResult<DicomDataSet> read = FuzzRun.Bounded((64L * bytes.Length) + (256 * 1024), () => DicomJson.Parse(bytes));
        ParseResult<IReadOnlyList<DicomDataSet>> array = DicomJson.ParseArray(bytes);
        Assert.True(array.Ok || !read.Ok, array.Error?.Message);
        List<ParseResult<DicomDataSet>> streamed = Stream(bytes);
        Assert.Equal(array.Ok, streamed.All(one => one.Ok));
        Assert.True(!array.Ok || array.Value.Count == streamed.Count, "other data sets from a stream");
        foreach (DicomDataSet dataSet in array.Ok ? array.Value : [])
        {
            byte[] json = DicomJson.ToBytes(dataSet);
            Assert.Equal(json, DicomJson.ToBytes(DicomJson.Parse(json).Value));
            CheckBinary(dataSet);
        }
    }

    private static List<ParseResult<DicomDataSet>> Stream(byte[] bytes)
    {
        using Blockwise stream = new(FuzzTarget.RandomOf(bytes), bytes);
        List<ParseResult<DicomDataSet>> all = [];
        IAsyncEnumerator<ParseResult<DicomDataSet>> each = DicomJson.ReadArrayAsync(stream, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            // The stream gives what it has at once.
            ValueTask<bool> moved = each.MoveNextAsync();
            if (!moved.IsCompletedSuccessfully || !moved.Result)
            {
                return all;
            }

            all.Add(each.Current);
        }
    }

    // A value that is elsewhere cannot be written.
    private static void CheckBinary(DicomDataSet dataSet)
    {
        if (!HasValueElsewhere(dataSet))
        {
            byte[] binary = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);
            Assert.True(DicomDataSet.Parse(binary, TransferSyntax.ExplicitVrLittleEndian).Ok);
        }
    }

    private static bool HasValueElsewhere(DicomDataSet dataSet)
    {
        foreach (DicomElement element in dataSet)
        {
            if (element.IsElsewhere || element.Items?.Any(HasValueElsewhere) == true)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] MakeXml(Random random) => Mutator.Mutate(
        random,
        random.Next(3) > 0
            ? Corpus.Xml[random.Next(Corpus.Xml.Count)]
            : "<NativeDicomModel><DicomAttribute tag=\"00081110\" vr=\"SQ\"><Item number=\"1\"/></DicomAttribute><DicomAttribute tag=\"00090003\" vr=\"UN\" privateCreator=\"A\"><InlineBinary>AQI=</InlineBinary></DicomAttribute><DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"2\"><Alphabetic><GivenName>A</GivenName></Alphabetic></PersonName></DicomAttribute><DicomAttribute tag=\"7FE00010\" vr=\"OW\"><BulkData uri=\"a\"/></DicomAttribute></NativeDicomModel>"u8.ToArray(),
        Corpus.Xml);

    private static void CheckXml(byte[] bytes)
    {
        ParseResult<DicomDataSet> read = FuzzRun.Bounded((256L * bytes.Length) + (1024 * 1024), () => DicomXml.Parse(bytes));
        if (!read.Ok)
        {
            Assert.NotEmpty(read.Error.Message);
            return;
        }

        byte[] xml = DicomXml.ToBytes(read.Value);
        Assert.True(DicomXml.Parse(xml).Ok);
        CheckBinary(read.Value);
    }

    // The first bytes name the VR and up to three terms.
    private static byte[] MakeText(Random random)
    {
        byte[] bytes = new byte[random.Next(60)];
        random.NextBytes(bytes);
        return [(byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), .. Mutator.Mutate(random, bytes, Corpus.Files)];
    }

    private static void CheckText(byte[] input)
    {
        if (input.Length < 4)
        {
            return;
        }

        byte[] bytes = input[4..];
        SpecificCharacterSet set = SpecificCharacterSet.Parse([.. input[1..4].Take(input[0] % 4).Select(term => s_terms[term % s_terms.Length])]);
        Vr vr = s_vrs[(input[0] >> 2) % s_vrs.Length];
        string text = FuzzRun.Bounded((64L * bytes.Length) + TableLength, () => set.Decode(bytes, vr));
        Assert.True(text.Length <= 2 * bytes.Length, $"{text.Length} characters of {bytes.Length} bytes");
        if (FuzzRun.Bounded((64L * bytes.Length) + TableLength, () => set.TryEncode(text, vr, out byte[] encoded) ? encoded : null) is { } again)
        {
            Assert.Equal(Plain(text), Plain(set.Decode(again, vr)));
        }

        _ = SpecificCharacterSet.Parse(bytes).Decode(input, Vr.LO);
    }

    // Written differently on two systems, these are the same characters of JIS X 0208.
    private static string Plain(string text) => string.Concat(text.Select(c => "～∥－￠￡￢".IndexOf(c, StringComparison.Ordinal) is var i and >= 0 ? "〜‖−¢£¬"[i] : c));

    private static byte[] MakeValue(Random random) => Mutator.Mutate(
        random, "20240229235960.999999+1400-19991231"u8.ToArray()[random.Next(20)..], ["20240229-"u8.ToArray(), "-0500"u8.ToArray(), "Doe^J=山田"u8.ToArray(), "1e-5"u8.ToArray()]);

    private static void CheckValues(byte[] bytes)
    {
        string text = Encoding.Latin1.GetString(bytes);
        if (DicomDate.TryParse(text, out DateOnly date))
        {
            Assert.True(DicomDate.TryParse(DicomDate.Format(date), out DateOnly again) && again == date);
        }

        _ = DicomDate.TryParseRange(text, out _);
        _ = DicomTime.TryParseRange(text, out _);
        _ = DicomDateTime.TryParse(text, TimeSpan.Zero, out _);
        _ = DicomDateTime.TryParseRange(text, TimeSpan.FromHours(FuzzTarget.RandomOf(bytes).Next(-12, 15)), out _);
        _ = DicomUid.TryParse(text, out _);
        _ = DicomTag.TryParse(text, out _);
        Assert.NotNull(PersonName.Parse(text).ToString());
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.PixelSpacing, text).SetString(DicomTags.InstanceNumber, text);
        Assert.True(DicomJson.Parse(DicomJson.ToBytes(dataSet)).Ok);
    }

    private static void CheckPdu(byte[] bytes)
    {
        ReadOnlySequence<byte> buffer = NetworkInputs.Sequence(Mutator.Blocks(FuzzTarget.RandomOf(bytes), bytes));
        while (true)
        {
            long before = buffer.Length;
            ReadOnlySequence<byte> rest = buffer;
            PduStatus status = FuzzRun.Bounded((64L * bytes.Length) + (256 * 1024), () => PduDecoder.TryDecode(ref rest, 16384, out _));
            if (status != PduStatus.Ok)
            {
                Assert.Equal(before, rest.Length);
                return;
            }

            Assert.True(rest.Length <= before - PduDecoder.HeaderLength);
            buffer = rest;
        }
    }

    private static void CheckCommand(byte[] bytes)
    {
        if (FuzzRun.Bounded((16L * bytes.Length) + 4096, () => DimseCommand.Decode(bytes)) is { } command)
        {
            byte[] target = new byte[DimseCommand.MaxEncodedLength];
            Assert.NotNull(DimseCommand.Decode(target.AsSpan(0, command.Encode(target))));
        }
    }

    private static void CheckDirectory(byte[] bytes)
    {
        ParseResult<DicomDirectory> read = FuzzRun.Bounded((128L * bytes.Length) + (1024 * 1024), () => DicomDirectory.Parse(bytes));
        if (!read.Ok)
        {
            Assert.NotEmpty(read.Error.Message);
            return;
        }

        // Every record once, with no more components than a name can have in so many bytes.
        HashSet<DirectoryRecord> records = new(ReferenceEqualityComparer.Instance);
        Assert.All(read.Value.Records, record => Assert.True(records.Add(record)));
        Assert.True(records.Count <= bytes.Length);
        foreach (DirectoryRecord record in read.Value.Files)
        {
            _ = (record.SopClass, record.SopInstance, record.TransferSyntax);
        }
    }

    private static void CheckValidator(byte[] bytes)
    {
        IReadOnlyList<DicomFinding> findings = DicomValidator.CheckFile(bytes, limit: 100);
        Assert.InRange(findings.Count, 0, 101);
        Assert.All(findings, finding => Assert.NotEmpty(finding.ToString()));
    }

    private static void CheckDeidentifier(byte[] input)
    {
        (byte[] bytes, TransferSyntax syntax) = DataSetOf(input);
        if (DicomDataSet.Parse(bytes, syntax) is not { Ok: true } read)
        {
            return;
        }

        RetainOptions options = (RetainOptions)(FuzzTarget.RandomOf(input).Next(1024) & ~(int)RetainOptions.FullDates);
        Deidentifier deidentifier = new(new DeidentificationOptions { Secret = "a secret of the fuzzer"u8.ToArray(), Retain = options });
        if (deidentifier.Apply(read.Value).DataSet is { } result)
        {
            Assert.Equal("YES", result.GetString(DicomTags.PatientIdentityRemoved));
            Assert.True(DicomDataSet.Parse(DicomDataSetWriter.ToBytes(result, TransferSyntax.ExplicitVrLittleEndian), TransferSyntax.ExplicitVrLittleEndian).Ok);
        }
    }

    /// <summary>A stream that gives as much as it likes.</summary>
    private sealed class Blockwise(Random random, byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span[..Math.Min(buffer.Length, random.Next(1, 700))]));
    }
}
