namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A request that waits for its sample.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class PoolRequest<TRequest, TSample> : IDisposable
{
    private readonly TaskCompletionSource<TSample> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _token;
    private readonly CancellationTokenRegistration _registration;

    /// <summary>A request.</summary>
    /// <param name="row">What is asked for.</param>
    /// <param name="token">Tells that nobody waits any more.</param>
    public PoolRequest(TRequest row, CancellationToken token)
    {
        Row = row;
        _token = token;
        _registration = token.Register(() => _answer.TrySetCanceled(token));
    }

    /// <summary>What is asked for.</summary>
    public TRequest Row { get; }

    /// <summary>The sample to come.</summary>
    public Task<TSample> Answer => _answer.Task;

    /// <summary>Whether nobody waits any more.</summary>
    public bool IsCancelled => _token.IsCancellationRequested;

    /// <summary>Calls back when nobody waits any more; at once where that is so.</summary>
    public CancellationTokenRegistration OnCancelled(Action action) => _token.Register(action);

    /// <summary>Answers.</summary>
    public void Succeed(TSample sample) => _answer.TrySetResult(sample);

    /// <summary>Answers with an error.</summary>
    public void Fail(Exception exception) => _answer.TrySetException(exception);

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();
}
