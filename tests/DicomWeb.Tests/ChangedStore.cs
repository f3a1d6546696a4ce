using MedicalAi.Archive;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>The real object store, with something done before objects are begun and made durable.</summary>
internal sealed class ChangedStore(IObjectStore inner) : IObjectStore
{
    public Action Staging { get; set; } = () => { };

    public Func<Task> Publishing { get; set; } = () => Task.CompletedTask;

    /// <summary>Puts it in the place of the store of a host.</summary>
    public static void Use(IServiceCollection services, Action<ChangedStore> change)
    {
        ServiceDescriptor real = services.Last(service => service.ServiceType == typeof(IObjectStore));
        services.Replace(ServiceDescriptor.Singleton<IObjectStore>(provider =>
        {
            ChangedStore store = new((IObjectStore)real.ImplementationFactory!(provider));
            change(store);
            return store;
        }));
    }

    public ValueTask InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    public ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken)
    {
        Staging();
        return inner.StageAsync(cancellationToken);
    }

    public async ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        await Publishing();
        await inner.PublishAsync(batch, cancellationToken);
    }

    public ValueTask<Stream> OpenReadAsync(ObjectLocation location, CancellationToken cancellationToken) => inner.OpenReadAsync(location, cancellationToken);

    public ValueTask<ObjectInfo?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => inner.FindAsync(key, cancellationToken);

    public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);
}
