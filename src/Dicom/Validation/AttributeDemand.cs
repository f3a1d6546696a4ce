namespace MedicalAi.Dicom;

/// <summary>What the modules of an instance together demand of an attribute, and of those in the items of its sequence.</summary>
internal sealed class AttributeDemand(DicomTag tag)
{
    private readonly List<AttributeDemand> _children = [];
    private readonly List<ModuleAttribute> _conditional = [];
    private bool _isOverridden;

    public DicomTag Tag { get; } = tag;

    /// <summary>The strictest type that a module gives it: 1, 2, 1C; empty when it is optional or of type 2C.</summary>
    public string Type { get; private set; } = "";

    /// <summary>The module that says so.</summary>
    public string Module { get; private set; } = "";

    /// <summary>Whether the items hold a code (Code Sequence Macro, PS3.3 section 8.8).</summary>
    public bool IsCode { get; private set; }

    /// <summary>What is demanded under a condition that can be told.</summary>
    public IReadOnlyList<ModuleAttribute> Conditional => _conditional;

    public IReadOnlyList<AttributeDemand> Children => _children;

    /// <summary>The demands of several modules together.</summary>
    /// <param name="present">The modules that are there.</param>
    /// <param name="absent">Those that are not, of which no more holds than what they say instead of others.</param>
    public static AttributeDemand Of(IEnumerable<Module> present, IEnumerable<Module> absent)
    {
        AttributeDemand root = new(default);
        foreach ((Module module, bool isPresent) in present.Select(module => (module, true)).Concat(absent.Select(module => (module, false))))
        {
            foreach (ModuleAttribute attribute in module.Attributes.Where(attribute => isPresent || attribute.Overrides))
            {
                AttributeDemand demand = root;
                foreach (DicomTag tag in attribute.Path)
                {
                    demand = demand.Child(tag);
                }

                demand.Add(module.Name, attribute);
            }
        }

        return root;
    }

    private AttributeDemand Child(DicomTag child)
    {
        AttributeDemand? demand = _children.Find(known => known.Tag == child);
        if (demand is null)
        {
            _children.Add(demand = new AttributeDemand(child));
        }

        return demand;
    }

    private void Add(string module, ModuleAttribute attribute)
    {
        IsCode |= attribute.IsCode;
        if (attribute.Condition is not null)
        {
            _conditional.Add(attribute);
        }

        if (!_isOverridden && (attribute.Overrides || Rank(attribute.Type) > Rank(Type)))
        {
            _isOverridden = attribute.Overrides;
            (Type, Module) = (attribute.Type, module);
        }
        else if (Module.Length == 0)
        {
            Module = module;
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
