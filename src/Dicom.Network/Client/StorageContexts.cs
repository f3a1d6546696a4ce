namespace MedicalAi.Dicom.Network;

/// <summary>The presentation contexts to propose for sending instances, as many as fit in one association.</summary>
public sealed class StorageContexts
{
    private readonly Dictionary<(DicomUid SopClass, TransferSyntax Syntax), PresentationContext> _contexts = [];

    /// <summary>The contexts.</summary>
    public IReadOnlyCollection<PresentationContext> All => _contexts.Values;

    /// <summary>Whether the contexts of instances of this kind are among them.</summary>
    public bool Contains(DicomUid sopClass, TransferSyntax syntax) => _contexts.ContainsKey((sopClass, syntax));

    /// <summary>Adds the contexts of <see cref="PresentationContext.ForStorage"/>; false, and adds nothing, when there is no room for them.</summary>
    public bool TryAdd(DicomUid sopClass, TransferSyntax syntax)
    {
        PresentationContext[] needed = [.. PresentationContext.ForStorage(sopClass, syntax)];
        if (_contexts.Count + needed.Count(context => !_contexts.ContainsKey(Key(context))) > PresentationContext.Maximum)
        {
            return false;
        }

        foreach (PresentationContext context in needed)
        {
            _contexts.TryAdd(Key(context), context);
        }

        return true;
    }

    private static (DicomUid SopClass, TransferSyntax Syntax) Key(PresentationContext context) => (context.AbstractSyntax, context.TransferSyntaxes[0]);
}
