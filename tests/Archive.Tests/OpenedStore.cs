namespace MedicalAi.Archive.Tests;

/// <summary>An object store, and what ends with it.</summary>
public sealed class OpenedStore(IObjectStore store, IAsyncDisposable owner) : IAsyncDisposable
{
    public IObjectStore Store => store;

    public ValueTask DisposeAsync() => owner.DisposeAsync();
}
