using System.Globalization;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>
/// The tables of <c>conformance-statement.md</c> are made from the tables of the code. After a change, run this class once with
/// <c>UPDATE_CONFORMANCE_STATEMENT=1</c> in the environment: it writes them anew.
/// </summary>
public sealed class ConformanceStatementTests
{
    private const string Begin = "<!-- generated: ", End = "<!-- end of generated -->";

    [Fact]
    public void The_tables_of_the_conformance_statement_are_those_of_the_code()
    {
        string path = Path.Combine(TestData.Root, "conformance-statement.md");
        string text = File.ReadAllText(path);
        string expected = text;
        foreach ((string name, string table) in Tables())
        {
            string marker = $"{Begin}{name} -->\n";
            int start = expected.IndexOf(marker, StringComparison.Ordinal);
            Assert.True(start >= 0, $"The table {name} has no place.");
            start += marker.Length;
            int end = expected.IndexOf(End, start, StringComparison.Ordinal);
            Assert.True(end >= 0, $"The table {name} has no end.");
            expected = expected[..start] + "\n" + table + "\n" + expected[end..];
        }

        if (Environment.GetEnvironmentVariable("UPDATE_CONFORMANCE_STATEMENT") == "1")
        {
            File.WriteAllText(path, expected);
        }
        else
        {
            Assert.Equal(expected, text);
        }
    }

    private static IEnumerable<(string Name, string Table)> Tables()
    {
        yield return ("implementation", Table(
            ["", "value"],
            [
                ["Implementation Class UID", $"`{Implementation.ClassUid}`"],
                ["Implementation Version Name", $"`{Implementation.VersionName}`"],
            ]));
        yield return ("forward-status", Table(
            ["status", "meaning", "what follows"],
            from status in new ushort[] { 0x0000, 0x0107, 0x0110, 0x0111, 0x0116, 0x0117, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212, 0x0213, 0xA700, 0xA900, 0xB000, 0xC000, 0x7FFF }
            select (string[])
            [
                status switch
                {
                    0xA700 or 0xA900 => $"`{status >> 8:X2}xx`",
                    0xB000 or 0xC000 => $"`{status >> 12:X}xxx`",
                    0x7FFF => "others",
                    _ => $"`{status:X4}`",
                },
                status == 0x7FFF ? "" : SendOutcome.Describe(status),
                SendOutcome.Of(new DimseResponse(status)).Result switch
                {
                    SendResult.Sent => "stored",
                    SendResult.Busy => "the instance and the destination are tried again later",
                    SendResult.Failed => "the instance is tried again later",
                    _ => "the instance is given up",
                },
            ]));
        SendingOptions sending = new();
        ForwardCommitmentOptions asking = new();
        yield return ("forward-commitment-reasons", Table(
            ["failure reason", "meaning", "what follows"],
            from reason in new ushort[]
            {
                CommitmentFailure.NoSuchObjectInstance, CommitmentFailure.Processing, CommitmentFailure.ResourceLimitation, CommitmentFailure.SopClassNotSupported, CommitmentFailure.ClassInstanceConflict,
                CommitmentFailure.DuplicateTransactionUid, 0xFFFF,
            }
            select (string[])
            [
                reason == 0xFFFF ? "others" : $"`{reason:X4}`",
                reason == 0xFFFF ? "" : CommitmentFailure.Describe(reason),
                ForwardCommitments.MeansSendAgain(reason) ? "the instance is sent again later" : "it is asked for again later",
            ]));
        yield return ("forward-commitment-times", Table(
            ["", "default"],
            [
                ["Instances are collected that are asked for together, for at most", Seconds(asking.Collecting)],
                ["Instances of one transaction at most", $"{asking.MaximumInstances}"],
                ["The association of the request is kept open without a report for", Seconds(asking.OnAssociation)],
                ["The destination has to report within", Seconds(sending.CommitmentTime)],
                ["A destination that reports nothing is asked", $"{asking.MaximumUnanswered} times"],
            ]));
        DicomServerOptions server = new();
        yield return ("acceptor-defaults", Table(
            ["", "default"],
            [
                ["AE title", $"`{server.AeTitle}`"],
                ["Maximum PDU length received", $"{server.MaxPduLength} bytes"],
                ["Associations at once", $"{server.MaxAssociations}"],
                ["Associations at once of one calling AE title at one address", $"{server.MaxAssociationsPerPeer}"],
                ["Operations of one association that are performed at once, where a window is negotiated", $"{server.MaxOperationsPerformed}"],
                ["Operations that the gateway invokes at once on an association to it, where a window is negotiated", $"{server.MaxOperationsInvoked}"],
                ["Least rate of a data set, over the time of silence and more", $"{server.MinDataRate} bytes/s"],
                ["Connections without an association request", $"{server.MaxPendingConnections}, of one address {server.MaxPendingConnectionsPerAddress}"],
                ["ARTIM", Seconds(server.ArtimTimeout)],
                ["Silence of an association, or of a peer that takes no response", Seconds(server.IdleTimeout)],
                ["Called AE title", server.AcceptAnyCalledAeTitle ? "any" : "must be ours"],
                ["Calling AE titles", server.KnownCallers is null ? "any" : "known ones"],
                ["SOP classes that the standard does not register", server.AcceptUnknownSopClasses ? "stored" : "refused"],
            ]));
        DicomClientOptions client = new() { Host = "", Port = 0 };
        yield return ("requestor-defaults", Table(
            ["", "default"],
            [
                ["Calling AE title", $"`{client.CallingAe}`"],
                ["Maximum PDU length received", $"{client.MaxPduLength} bytes"],
                ["Opening the connection", Seconds(client.ConnectTimeout)],
                ["Answer to an association or release request", Seconds(client.AssociationTimeout)],
                ["Answer to an operation", Seconds(client.ResponseTimeout)],
            ]));
        yield return ("storage-sop-classes", Table(
            ["SOP class", "UID", ""],
            SupportedSopClasses.Storage.Select(entry => new[] { entry.Name, $"`{entry.Uid}`", entry.IsRetired ? "retired" : "" })));
        yield return ("storage-transfer-syntaxes", Table(
            ["transfer syntax", "UID", ""],
            SupportedSopClasses.StorageTransferSyntaxes.Select(syntax => new[] { syntax.Name, $"`{syntax.Uid}`", syntax.IsRetired ? "retired" : "" })));
        yield return ("verification-transfer-syntaxes", Table(
            ["transfer syntax", "UID"],
            SupportedSopClasses.VerificationTransferSyntaxes.Select(syntax => new[] { syntax.Name, $"`{syntax.Uid}`" })));
        yield return ("find-sop-classes", Table(
            ["SOP class", "UID"],
            SupportedSopClasses.Find.Select(uid => new[] { UidRegistry.Find(uid)!.Name, $"`{uid}`" })));
        yield return ("find-transfer-syntaxes", Table(
            ["transfer syntax", "UID"],
            SupportedSopClasses.FindTransferSyntaxes.Select(syntax => new[] { syntax.Name, $"`{syntax.Uid}`" })));
        yield return ("move-sop-classes", Table(
            ["SOP class", "UID"],
            SupportedSopClasses.Move.Select(uid => new[] { UidRegistry.Find(uid)!.Name, $"`{uid}`" })));
        yield return ("get-sop-classes", Table(
            ["SOP class", "UID"],
            SupportedSopClasses.Get.Select(uid => new[] { UidRegistry.Find(uid)!.Name, $"`{uid}`" })));
        yield return ("retrieve-status", Table(
            ["status", "meaning", "when"],
            [
                Status(DimseStatus.Pending, "Sub-operations go on; with their numbers."),
                Status(DimseStatus.Success, "All sub-operations succeeded, or nothing matched."),
                Status(DimseStatus.SubOperationsWithFailures, "Some sub-operations failed or had a warning; those that failed stand in Failed SOP Instance UID List (0008,0058)."),
                Status(DimseStatus.Cancel, "A C-CANCEL came before the last sub-operation; with the number of those that remain."),
                Status(DimseStatus.OutOfResourcesMatches, "The index cannot be read."),
                Status(DimseStatus.OutOfResourcesSubOperations, "Every sub-operation failed; Error Comment says why the first one did."),
                Status(DimseStatus.MoveDestinationUnknown, "C-MOVE: the destination is not in the AE registry."),
                Status(DimseStatus.DataSetDoesNotMatch, "Query/Retrieve Level is missing or not one of the model, or a unique key is missing or not a UID. Offending Element names which."),
                ["`C000`", "unable to process", "The identifier is missing, longer than 1 MiB, or cannot be read to its end."],
                Status(DimseStatus.SopClassNotSupported, "Affected SOP Class UID is not the abstract syntax of the presentation context."),
                Status(DimseStatus.UnrecognizedOperation, "The command is not that of the SOP class."),
            ]));
        yield return ("find-status", Table(
            ["status", "meaning", "when"],
            [
                Status(DimseStatus.Pending, "A match; all keys are supported."),
                Status(DimseStatus.PendingWithUnsupportedKeys, "A match; a key was passed over in matching, or does not exist at this level and is not told."),
                Status(DimseStatus.Success, "All matches were sent."),
                Status(DimseStatus.Cancel, "A C-CANCEL came before all matches were sent."),
                ["`A700`", "refused, out of resources", "The index cannot be read, or the identifier is longer than 1 MiB."],
                ["`A900`", "identifier does not match SOP class", "Query/Retrieve Level is missing or not one of the model, or, without relational queries, the unique key of a level above has not exactly one value without wild cards. Offending Element names which."],
                ["`C000`", "unable to process", "The identifier is missing or cannot be read to its end, has more than 256 keys that match, or a key is no value of its VR, has wild cards in more than 1,024 characters, or has more than 100 values that are no plain text. Offending Element names the key."],
                Status(DimseStatus.SopClassNotSupported, "Affected SOP Class UID is not the abstract syntax of the presentation context. Offending Element is (0000,0002)."),
                Status(DimseStatus.UnrecognizedOperation, "The command is not C-FIND."),
                Status(DimseStatus.ProcessingFailure, "Something failed that should not; the log says what."),
            ]));
        yield return ("normalized-sop-classes", Table(
            ["SOP class", "UID"],
            SupportedSopClasses.Normalized.Select(uid => new[] { UidRegistry.Find(uid)!.Name, $"`{uid}`" })));
        yield return ("normalized-transfer-syntaxes", Table(
            ["transfer syntax", "UID"],
            SupportedSopClasses.NormalizedTransferSyntaxes.Select(syntax => new[] { syntax.Name, $"`{syntax.Uid}`" })));
        CommitmentOptions commitment = new();
        yield return ("commitment-times", Table(
            ["", "default"],
            [
                ["Missing instances are waited for", Seconds(commitment.Patience)],
                ["A requestor that waits has asked for nothing more since", Seconds(commitment.Quiet)],
                ["First wait after a report that failed; it doubles with each", Seconds(commitment.FirstRetry)],
                ["Longest wait", Seconds(commitment.LongestRetry)],
                ["A requestor is given up after", Seconds(commitment.GiveUpAfter)],
            ]));
        yield return ("commitment-failure-reasons", Table(
            ["failure reason", "meaning", "when"],
            [
                Reason(CommitmentFailure.NoSuchObjectInstance, "The instance is not in the index."),
                Reason(CommitmentFailure.ClassInstanceConflict, "It is there with another SOP class."),
                Reason(CommitmentFailure.SopClassNotSupported, "It is not there, and its SOP class is one of the standard that is no storage SOP class."),
                Reason(CommitmentFailure.Processing, "The index has it, and its object is missing or short."),
                Reason(CommitmentFailure.DuplicateTransactionUid, "The Transaction UID is that of another request."),
            ]));
        yield return ("commitment-status", Table(
            ["status", "meaning", "when"],
            [
                Status(DimseStatus.Success, "N-ACTION: the transaction is durable. N-EVENT-REPORT: it was taken."),
                Status(DimseStatus.MissingAttribute, "The data set, Transaction UID, Referenced SOP Sequence, or a UID of an item is missing. Offending Element names which, here and below."),
                Status(DimseStatus.MissingAttributeValue, "One of them has no value, or no item."),
                Status(DimseStatus.InvalidArgumentValue, "One of them is no UID; N-EVENT-REPORT: no transaction of this UID is under way."),
                Status(DimseStatus.NoSuchSopInstance, "The SOP instance is not `1.2.840.10008.1.20.1.1`."),
                Status(DimseStatus.NoSuchSopClass, "The SOP class is not that of the presentation context."),
                Status(DimseStatus.NoSuchActionType, "N-ACTION: the action type is not 1."),
                Status(DimseStatus.NoSuchEventType, "N-EVENT-REPORT: the event type is neither 1 nor 2."),
                Status(DimseStatus.NotAuthorized, "N-ACTION: the gateway is not the SCP on this association."),
                Status(DimseStatus.ResourceLimitation, "The data set is longer than 16 MiB, or the disk of the index is full."),
                Status(DimseStatus.ProcessingFailure, "The data set cannot be read to its end, or the index is away."),
                Status(DimseStatus.UnrecognizedOperation, "The command is neither N-ACTION nor N-EVENT-REPORT."),
            ]));
        yield return ("procedure-status", Table(
            ["status", "meaning", "when"],
            [
                Status(DimseStatus.Success, "What is told is durable; N-GET: the attributes follow."),
                Status(DimseStatus.DuplicateSopInstance, "N-CREATE: there is a step, or a notification, of this UID."),
                Status(DimseStatus.NoSuchSopInstance, "N-SET, N-GET: there is no step of this UID."),
                Status(DimseStatus.MissingAttribute, "The data set, or an attribute of type 1, is missing. Offending Element names which, here and below."),
                Status(DimseStatus.MissingAttributeValue, "An attribute of type 1 has no value, or no item."),
                Status(DimseStatus.InvalidAttributeValue, "A status or an availability that is not defined; N-CREATE: a step that is not IN PROGRESS; N-SET: another value of an attribute that cannot be changed."),
                Status(DimseStatus.InvalidArgumentValue, "A UID that is none."),
                Status(DimseStatus.NoSuchSopClass, "The SOP class is not that of the presentation context."),
                ["`0110`", "processing failure, Error ID `A710`", "N-SET: the step has ended (Performed Procedure Step Object may no longer be updated)."],
                Status(DimseStatus.ProcessingFailure, "The data set cannot be read to its end, the index is away, or the step is being changed by others."),
                Status(DimseStatus.ResourceLimitation, "The data set is longer than 16 MiB, or the disk of the index is full."),
                Status(DimseStatus.UnrecognizedOperation, "The command is none of the SOP class."),
            ]));
        yield return ("storage-status", Table(
            ["status", "meaning", "when"],
            [
                .. Enum.GetValues<IngestOutcome>().GroupBy(StorageService.StatusOf).Select(outcomes => Status(outcomes.Key, string.Join(" ", outcomes.Select(Words)))),
                Status(DimseStatus.InvalidSopInstance, "Affected SOP Instance UID is missing or not valid. Offending Element is (0000,1000)."),
                Status(DimseStatus.SopClassNotSupported, "Affected SOP Class UID is not the abstract syntax of the presentation context. Offending Element is (0000,0002)."),
                Status(DimseStatus.UnrecognizedOperation, "The command is not C-STORE."),
                Status(DimseStatus.ProcessingFailure, "Something failed that should not; the log says what."),
            ]));
    }

    private static string[] Status(ushort status, string when) => [$"`{status.ToString("X4", CultureInfo.InvariantCulture)}`", DimseStatus.Describe(status), when];

    private static string[] Reason(ushort reason, string when) => [$"`{reason.ToString("X4", CultureInfo.InvariantCulture)}`", CommitmentFailure.Describe(reason), when];

    private static string Words(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Stored => "The instance is durable in the object store and committed in the index.",
        IngestOutcome.AlreadyStored => "The same instance with the same content was there already; nothing changed.",
        IngestOutcome.Quarantined => "The SOP Instance UID is taken by other content. The first stays; this one is kept aside for the operator. Offending Element is (0008,0018).",
        IngestOutcome.CannotUnderstand => "The data set cannot be read to its end, or SOP Class or SOP Instance UID is missing or not valid. Nothing is kept.",
        IngestOutcome.Mismatch => "SOP Class or SOP Instance UID of the data set is not the one announced. Offending Element names which. Nothing is kept.",
        IngestOutcome.OutOfResources => "The disk is full or failed. Nothing is kept; the same request may succeed later.",
        IngestOutcome.Unavailable => "The object store or the index is away. Nothing is kept; the same request may succeed later.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");

    private static string Table(string[] heads, IEnumerable<string[]> rows)
    {
        StringBuilder text = new();
        Row(heads);
        Row([.. heads.Select(_ => "---")]);
        foreach (string[] row in rows)
        {
            Row(row);
        }

        return text.ToString();

        void Row(string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }
}
