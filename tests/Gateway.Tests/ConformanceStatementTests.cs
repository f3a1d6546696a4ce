using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary>What <c>conformance-statement.md</c> says of presentation contexts, compared with what the gateway negotiates.</summary>
public sealed class ConformanceStatementTests
{
    private static readonly Dictionary<string, string[]> s_tables = ReadTables();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_SOP_class_is_accepted_in_just_the_transfer_syntaxes_that_stand_beside_it()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        List<(DicomUid SopClass, HashSet<string> Syntaxes)> stated = [(DicomUids.Verification, [.. s_tables["verification-transfer-syntaxes"]])];
        foreach (string table in s_tables.Keys.Where(name => name.EndsWith("-sop-classes", StringComparison.Ordinal)))
        {
            // C-MOVE and C-GET share the syntaxes of C-FIND.
            HashSet<string> syntaxes = [.. s_tables[table is "move-sop-classes" or "get-sop-classes" ? "find-transfer-syntaxes" : table.Replace("-sop-classes", "-transfer-syntaxes", StringComparison.Ordinal)]];
            stated.AddRange(s_tables[table].Select(uid => (new DicomUid(uid), syntaxes)));
        }

        Assert.True(stated.Count > 200);
        (PresentationContext Context, bool IsStated)[] proposals =
        [
            .. from one in stated
               from syntax in TransferSyntax.All
               select (new PresentationContext(one.SopClass, [syntax]), one.Syntaxes.Contains(syntax.Uid.Value)),
        ];
        List<string> differences = [];
        foreach ((PresentationContext Context, bool IsStated)[] some in proposals.Chunk(PresentationContext.Maximum))
        {
            await using DicomClient client = await ConnectAsync(gateway, some.Select(one => one.Context));
            differences.AddRange(client.Contexts.Zip(some)
                .Where(pair => pair.First.IsAccepted != pair.Second.IsStated)
                .Select(pair => $"{UidRegistry.Find(pair.First.AbstractSyntax)?.Name} in {pair.Second.Context.TransferSyntaxes[0].Name}: result {pair.First.Result}"));
        }

        Assert.Empty(differences);
    }

    [Fact]
    public async Task No_other_SOP_class_of_the_standard_is_accepted()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        HashSet<string> stated = [DicomUids.Verification.Value, .. s_tables.Where(table => table.Key.EndsWith("-sop-classes", StringComparison.Ordinal)).SelectMany(table => table.Value)];
        DicomUid[] others = [.. UidRegistry.Entries.Where(entry => entry.Type.Contains("SOP Class", StringComparison.Ordinal) && !stated.Contains(entry.Uid.Value)).Select(entry => entry.Uid)];
        Assert.NotEmpty(others);
        List<string> accepted = [];
        foreach (DicomUid[] some in others.Chunk(PresentationContext.Maximum))
        {
            await using DicomClient client = await ConnectAsync(gateway, some.Select(uid => new PresentationContext(uid, [TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian])));
            accepted.AddRange(client.Contexts.Where(context => context.IsAccepted).Select(context => UidRegistry.Find(context.AbstractSyntax)!.Name));
        }

        Assert.Empty(accepted);
    }

    private static Task<DicomClient> ConnectAsync(ServedGateway gateway, IEnumerable<PresentationContext> contexts) =>
        DicomClient.ConnectAsync(new DicomClientOptions { Host = "127.0.0.1", Port = gateway.Dicom!.Value.Port, CalledAe = AeTitle.Parse("MEDICALAI") }, contexts, Token);

    // The UIDs in the tables that are made from the code's, by the name of the table.
    private static Dictionary<string, string[]> ReadTables()
    {
        Dictionary<string, string[]> tables = [];
        string? name = null;
        List<string> uids = [];
        foreach (string line in File.ReadLines(Path.Combine(TestData.Root, "conformance-statement.md")))
        {
            if (line.StartsWith("<!-- generated: ", StringComparison.Ordinal))
            {
                name = line["<!-- generated: ".Length..^" -->".Length];
                uids = [];
            }
            else if (line.StartsWith("<!-- end", StringComparison.Ordinal))
            {
                tables.Add(name!, [.. uids]);
            }
            else
            {
                uids.AddRange(line.Split('`').Where((part, i) => i % 2 == 1 && part.StartsWith("1.2.840.10008.", StringComparison.Ordinal)));
            }
        }

        return tables;
    }
}
