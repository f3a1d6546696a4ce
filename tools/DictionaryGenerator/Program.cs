using MedicalAi.DictionaryGenerator;

// Writes src/Dicom/Generated from the tables of the standard. Run without arguments from anywhere in the repository,
// or with a folder as the one argument to write there instead (the test that compares does so).
string root = Repository.FindRoot(AppContext.BaseDirectory);
string target = args.Length > 0 ? args[0] : Path.Combine(root, "src", "Dicom", "Generated");
string standard = Path.Combine(root, "tools", "DictionaryGenerator", "standard");

foreach ((string name, string text) in Generator.Run(standard))
{
    File.WriteAllText(Path.Combine(target, name), text);
}

return 0;
