using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Answers requests of a pool, many in one pass of a model.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class PoolEngine<TRequest, TSample>(IHostEnvironment environment)
    where TRequest : class
    where TSample : class, new()
{
    private readonly DataOperationsCatalog _data = new(environment);

    /// <summary>Refuses a model that can not serve such requests, before any comes.</summary>
    /// <exception cref="ArgumentException">Requests have no seed column, or lack a column, or the model does not make what samples hold.</exception>
    public void Check(ITransformer model)
    {
        var rows = RowViews.Load<TRequest>(environment, []);
        foreach (var sampler in ScoringSteps.Of(model).OfType<SamplingTransformer>())
            if (sampler.SeedColumn is not { } seed || rows.Schema.GetColumnOrNull(seed) is null)
                throw new ArgumentException($"{typeof(TRequest).Name} has no member '{sampler.SeedColumn ?? "Seed"}' with the seed of a request{(sampler.SeedColumn is null ? " that the sampler reads (its option SeedColumn is null)" : "")}: without, a sample would depend on its place in a batch, and requests of different batches would get the same. Add it, as an integer, and give each request its own: Random.Shared.NextInt64().");
        _ = Samples(model, []).Count;
    }

    /// <summary>Answers a batch.</summary>
    public void Answer(ITransformer model, IReadOnlyList<PoolRequest<TRequest, TSample>> batch, CancellationToken stop)
    {
        try
        {
            var samples = Run(model, batch, stop);
            for (int i = 0; i < batch.Count; i++)
                batch[i].Succeed(samples[i]);
        }
        catch (OperationCanceledException cancelled) when (stop.IsCancellationRequested)
        {
            Fail(batch, new ObjectDisposedException("The pool was disposed before the request was answered.", cancelled));
        }
        catch (OperationCanceledException cancelled)
        {
            // By the last who waited, or by a token in the options of the model itself.
            Fail(batch, cancelled);
        }
        catch (Exception failure) when (batch.Count == 1 || failure is ObjectDisposedException)
        {
            Fail(batch, failure);
        }
        catch (Exception)
        {
            // One bad request must not spoil its neighbours.
            foreach (var request in batch)
                if (!request.IsCancelled)
                    Answer(model, [request], stop);
        }
    }

    private static void Fail(IEnumerable<PoolRequest<TRequest, TSample>> batch, Exception exception)
    {
        foreach (var request in batch)
            request.Fail(exception);
    }

    // Ends early where the pool stops, or nobody waits for any row of the batch.
    private List<TSample> Run(ITransformer model, IReadOnlyList<PoolRequest<TRequest, TSample>> batch, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        int waiting = batch.Count;
        var registrations = batch.Select(request => request.OnCancelled(() =>
        {
            if (Interlocked.Decrement(ref waiting) == 0)
                end.Cancel();
        })).ToArray();
        try
        {
            using var scope = SamplingCancellation.Enter(end.Token);
            return Samples(model, [.. batch.Select(request => request.Row)]);
        }
        finally
        {
            foreach (var registration in registrations)
                registration.Dispose();
        }
    }

    private List<TSample> Samples(ITransformer model, IReadOnlyList<TRequest> rows)
        => [.. _data.CreateEnumerable<TSample>(model.Transform(RowViews.Load(environment, rows)), reuseRowObject: false)];
}
