namespace MedicalAi.Gateway;

/// <summary>What a process does.</summary>
[Flags]
internal enum GatewayRoles
{
    /// <summary>Nothing but health and metrics.</summary>
    None = 0,

    /// <summary>DICOM associations.</summary>
    Dicom = 1,

    /// <summary>DICOMweb, FHIR, the API and the pages.</summary>
    Web = 2,

    /// <summary>Runs models.</summary>
    Engine = 4,

    /// <summary>Makes reports from findings.</summary>
    Reports = 8,

    /// <summary>Everything.</summary>
    All = Dicom | Web | Engine | Reports,
}
