using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Hands out batch after batch, and makes the next one on another thread while the caller computes.</summary>
/// <param name="source">Makes the batches; used by one thread at a time.</param>
/// <param name="device">Where the batches are needed.</param>
/// <param name="first">The number of the first batch.</param>
internal sealed class BatchQueue(BatchSource source, Device device, long first = 0) : IDisposable
{
    private Task<TrainingBatch>? _next;
    private long _step = first;

    /// <summary>The next batch; the caller disposes it.</summary>
    public TrainingBatch Next()
    {
        var batch = _next is null ? Batch(_step) : _next.GetAwaiter().GetResult();
        long following = ++_step;
        _next = Task.Run(() => Batch(following));
        return batch;
    }

    // Beside threads that compute a step: others that wait for each other's operations here would take processors from them.
    private TrainingBatch Batch(long step)
    {
        using var alone = device.type == DeviceType.CPU ? OperationThreads.OfPart() : default;
        return source.Batch(step).OnDevice(device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_next is null)
            return;
        // What the making of a batch that nobody wants threw, nobody wants either.
        _next.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        if (_next.IsCompletedSuccessfully)
            _next.Result.Dispose();
        _next = null;
    }
}
