using System.Threading.Channels;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Serves a generator to many callers: requests that wait together are sampled together, in one batch of the network. Replaces a pool of prediction engines, which compute row by row.
/// Equal requests with equal seeds get equal samples, whatever they shared a batch with.
/// </summary>
/// <remarks>Thread safe. Owns its model. Dispose it when no request is to come.</remarks>
/// <typeparam name="TRequest">
/// A row as the generator reads it, a class with a property for each condition and one for the seed (an integer, called as the sampler's seed column, <c>Seed</c> unless set).
/// </typeparam>
/// <typeparam name="TSample">What a request gets: a class with properties for the wanted columns, such as <c>float[] Sample</c>. Columns that are not asked for are not computed.</typeparam>
public sealed class GeneratorPool<TRequest, TSample> : IDisposable, IAsyncDisposable
    where TRequest : class
    where TSample : class, new()
{
    private readonly IHostEnvironment _environment;
    private readonly GeneratorPoolOptions _options;
    private readonly PoolEngine<TRequest, TSample> _engine;
    private readonly Channel<PoolRequest<TRequest, TSample>> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _engines;
    private readonly Lock _gate = new();
    private ServedModel? _served;

    internal GeneratorPool(IHostEnvironment environment, ITransformer model, GeneratorPoolOptions options)
    {
        _environment = environment;
        _options = options.Checked();
        _engine = new PoolEngine<TRequest, TSample>(environment);
        _engine.Check(model);
        _served = new ServedModel(model);
        _queue = Channel.CreateBounded<PoolRequest<TRequest, TSample>>(_options.QueueLength);
        _engines = Task.WhenAll(Enumerable.Range(0, _options.Engines).Select(_ => Task.Run(ServeAsync)));
    }

    /// <summary>How many requests wait for an engine.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Whether as many requests wait as may: the moment to answer "busy" instead of letting one more wait.</summary>
    public bool IsFull => Waiting >= _options.QueueLength;

    /// <summary>Makes a sample.</summary>
    /// <param name="request">The row.</param>
    /// <param name="cancellationToken">Ends the waiting at once; what is computed for others goes on, and a batch that nobody waits for ends before its next call of the network.</param>
    /// <returns>The sample.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public async Task<TSample> GenerateAsync(TRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        using var waiting = new PoolRequest<TRequest, TSample>(request, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(waiting, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw Disposed();
        }
        return await waiting.Answer.ConfigureAwait(false);
    }

    /// <summary>Replaces the model by that of a file. Batches in progress end with the old one; no request is lost.</summary>
    /// <param name="path">The file; the old model stays in service where it can not be loaded, or does not suit the requests.</param>
    /// <exception cref="FormatException">The file holds no model that can be loaded; names it and says why.</exception>
    /// <exception cref="IOException">The file can not be read.</exception>
    /// <exception cref="ArgumentException">The model does not suit the requests.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public void Reload(string path) => ModelFile.Load(_environment, path, model =>
    {
        Reload(model);
        return model;
    });

    /// <summary>Replaces the model. Batches in progress end with the old one, which is disposed then; no request is lost.</summary>
    /// <param name="model">The model, which the pool takes over; the old one stays in service where it does not suit the requests.</param>
    /// <exception cref="ArgumentException">The model does not suit the requests; it is not disposed.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public void Reload(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _engine.Check(model);
        ServedModel old;
        lock (_gate)
        {
            old = _served ?? throw Disposed();
            _served = new ServedModel(model);
        }
        old.GiveBack();
    }

    /// <summary>Ends: requests that wait or are computed fail with <see cref="ObjectDisposedException"/>; the model is disposed.</summary>
    public void Dispose()
    {
        if (End())
            _engines.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        if (End())
            await _engines.ConfigureAwait(false);
    }

    private static ObjectDisposedException Disposed() => new("GeneratorPool", "The pool was disposed, and takes no requests any more.");

    private bool End()
    {
        ServedModel? served;
        lock (_gate)
            (served, _served) = (_served, null);
        if (served is null)
            return false;
        _queue.Writer.Complete();
        _stop.Cancel();
        served.GiveBack();
        return true;
    }

    private async Task ServeAsync()
    {
        var batch = new List<PoolRequest<TRequest, TSample>>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < _options.BatchSize && _queue.Reader.TryRead(out var request))
                if (!request.IsCancelled)
                    batch.Add(request);
            if (batch.Count > 0)
                Serve(batch);
        }
    }

    private void Serve(List<PoolRequest<TRequest, TSample>> batch)
    {
        ServedModel? served;
        lock (_gate)
        {
            served = _served;
            if (served?.TryTake() != true)
                served = null;
        }
        if (served is null)
        {
            batch.ForEach(request => request.Fail(Disposed()));
            return;
        }
        try
        {
            _engine.Answer(served.Model, batch, _stop.Token);
        }
        finally
        {
            served.GiveBack();
        }
    }
}
