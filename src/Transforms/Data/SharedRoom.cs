namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Room that threads share: who finds too little waits until others are done. Thread safe.</summary>
/// <param name="capacity">How much there is.</param>
internal sealed class SharedRoom(long capacity)
{
    private readonly object _lock = new();
    private long _taken;

    /// <summary>Takes a part until it is disposed. A thread that holds one must not take another.</summary>
    /// <param name="size">How much; at most the capacity.</param>
    public IDisposable Take(long size)
    {
        lock (_lock)
        {
            while (_taken > 0 && _taken + size > capacity)
                Monitor.Wait(_lock);
            _taken += size;
        }
        return new Part(this, size);
    }

    private sealed class Part(SharedRoom room, long size) : IDisposable
    {
        public void Dispose()
        {
            lock (room._lock)
            {
                room._taken -= size;
                Monitor.PulseAll(room._lock);
            }
        }
    }
}
