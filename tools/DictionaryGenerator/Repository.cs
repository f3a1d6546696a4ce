namespace MedicalAi.DictionaryGenerator;

internal static class Repository
{
    public static string FindRoot(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MedicalAi.Gateway.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No MedicalAi.Gateway.sln above {start}.");
    }
}
