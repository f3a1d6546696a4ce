using System.Reflection;

namespace MedicalAi.Archive.Tests;

/// <summary>An index of tasks that tells when it is used and can be made to be away.</summary>
internal sealed class WatchedTaskIndex
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isAway;

    public WatchedTaskIndex(ITaskIndex inner)
    {
        Proxy = DispatchProxy.Create<ITaskIndex, Dispatcher>();
        ((Dispatcher)Proxy).Invoked = (method, arguments) =>
        {
            _asked.TrySetResult();
            if (_isAway)
            {
                throw new ArchiveUnavailableException("The index is away.");
            }

            return method.Invoke(inner, arguments);
        };
    }

    /// <summary>What is given to its users.</summary>
    public ITaskIndex Proxy { get; }

    /// <summary>Whether it is away.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>Ends when it was first asked for something.</summary>
    public Task Asked => _asked.Task;

    public class Dispatcher : DispatchProxy
    {
        public Func<MethodInfo, object?[]?, object?> Invoked { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Invoked(targetMethod!, args);
    }
}
