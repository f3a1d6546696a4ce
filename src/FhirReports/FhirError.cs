using Hl7.Fhir.Model;

namespace MedicalAi.FhirReports;

/// <summary>Why a request is refused, as an OperationOutcome says it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The kind of issue.</param>
/// <param name="Message">What is wrong, in words without patient data.</param>
internal sealed record FhirError(int Status, OperationOutcome.IssueType Code, string Message)
{
    public static FhirError Invalid(string message) => new(400, OperationOutcome.IssueType.Invalid, message);

    public static FhirError NotSupported(string message) => new(400, OperationOutcome.IssueType.NotSupported, message);

    public OperationOutcome ToOutcome(OperationOutcome.IssueSeverity severity = OperationOutcome.IssueSeverity.Error) =>
        new() { Issue = [new OperationOutcome.IssueComponent { Severity = severity, Code = Code, Diagnostics = Message }] };
}
