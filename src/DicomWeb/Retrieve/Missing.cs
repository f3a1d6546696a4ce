namespace MedicalAi.DicomWeb;

/// <summary>What to say of resources that are not there.</summary>
internal static class Missing
{
    public static Problem Study() => Problem.NotFound("The study is not known.");

    public static Problem Series() => Problem.NotFound("The study has no such series.");

    public static Problem Instance() => Problem.NotFound("The series of this study has no such instance.");
}
