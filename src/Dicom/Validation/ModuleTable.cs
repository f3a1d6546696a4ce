using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace MedicalAi.Dicom;

/// <summary>What the modules that a SOP class requires demand (PS3.3 annex A and C), as far as the tables beside it tell.</summary>
internal static class ModuleTable
{
    private static readonly Lazy<FrozenDictionary<string, Node>> s_bySopClass = new(Load);

    /// <summary>The demands on the data sets of a SOP class; null when the tables do not have it.</summary>
    public static Node? Find(DicomUid sopClass) => sopClass.Value is { } value && s_bySopClass.Value.TryGetValue(value, out Node? node) ? node : null;

    private static FrozenDictionary<string, Node> Load()
    {
        ILookup<string, string[]> attributes = Read("module-attributes.tsv").ToLookup(row => row[0], StringComparer.Ordinal);
        Dictionary<string, Node> found = new(StringComparer.Ordinal);
        foreach (IGrouping<string, string[]> iod in Read("iod-modules.tsv").GroupBy(row => row[0]))
        {
            Node root = new(default);
            foreach (string[] row in iod.SelectMany(row => attributes[row[2]]))
            {
                Node node = root;
                foreach (string tag in row[1].Split('/'))
                {
                    node = node.Child(DicomTag.FromValue(uint.Parse(tag, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
                }

                node.Demand(row[0], row[2]);
            }

            foreach (string sopClass in iod.First()[1].Split(','))
            {
                found[sopClass] = root;
            }
        }

        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static IEnumerable<string[]> Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"validation/{name}")
            ?? throw new InvalidOperationException($"The assembly lacks its table {name}.");
        using StreamReader reader = new(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split('\t');
        }
    }

    /// <summary>What is demanded of an attribute, and of those in the items of its sequence.</summary>
    internal sealed class Node(DicomTag tag)
    {
        private readonly List<Node> _children = [];

        public DicomTag Tag { get; } = tag;

        /// <summary>The strictest type that a module gives it: 1, 2, 1C; empty when it is optional.</summary>
        public string Type { get; private set; } = "";

        /// <summary>The module that says so.</summary>
        public string Module { get; private set; } = "";

        /// <summary>Whether the items hold a code (Code Sequence Macro, PS3.3 section 8.8).</summary>
        public bool IsCode { get; private set; }

        public IReadOnlyList<Node> Children => _children;

        public Node Child(DicomTag child)
        {
            Node? node = _children.Find(known => known.Tag == child);
            if (node is null)
            {
                _children.Add(node = new Node(child));
            }

            return node;
        }

        public void Demand(string module, string type)
        {
            IsCode |= type.EndsWith("+code", StringComparison.Ordinal);
            string plain = type.Split('+')[0];
            if (Rank(plain) > Rank(Type))
            {
                (Type, Module) = (plain, module);
            }
        }

        private static int Rank(string type) => type switch
        {
            "1" => 3,
            "2" => 2,
            "1C" => 1,
            _ => 0,
        };
    }
}
