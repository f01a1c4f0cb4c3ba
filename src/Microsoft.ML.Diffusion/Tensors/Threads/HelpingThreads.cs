using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Threads of the process that help callers with the parts of a work. A caller computes each part itself that no other thread has begun, so it never waits for helpers that are busy elsewhere. On each thread
/// libtorch's operations run alone.
/// </summary>
/// <remarks>Thread safe. Only where numbers of threads are a thread's own (<see cref="OperationThreads.AreOwn"/>): elsewhere the caller's operations would share threads with those of its helpers.</remarks>
internal static class HelpingThreads
{
    private static readonly ConcurrentQueue<Work> s_calls = new();
    private static readonly SemaphoreSlim s_called = new(0);
    private static readonly Lock s_starting = new();
    private static int s_count;

    /// <summary>Computes all parts of a work, and returns when the last is done.</summary>
    /// <param name="parts">The number of parts; at least 1.</param>
    /// <param name="part">Computes a part, on any thread: what belongs to the caller's thread (scopes, recording of gradients) is not there.</param>
    /// <remarks>Where parts throw, one of the exceptions is thrown on, with its own stack, after all have ended.</remarks>
    public static void Run(int parts, Action<int> part)
    {
        StartUpTo(parts - 1);
        var work = new Work(parts, part);
        for (int i = 1; i < parts; i++)
            s_calls.Enqueue(work);
        if (parts > 1)
            s_called.Release(parts - 1);
        using (OperationThreads.OfPart())
            work.Help();
        work.Finish();
    }

    private static void StartUpTo(int count)
    {
        lock (s_starting)
            for (; s_count < count; s_count++)
                new Thread(Work) { IsBackground = true, Name = $"Microsoft.ML.Diffusion helper {s_count + 1}" }.Start();

        static void Work()
        {
            using var alone = OperationThreads.OfPart();
            while (true)
            {
                s_called.Wait();
                if (s_calls.TryDequeue(out var work))
                    work.Help();
            }
        }
    }

    private sealed class Work
    {
        private readonly object _gate = new();
        private readonly Action<int> _part;
        private readonly int _parts;
        private int _begun, _left;
        private ExceptionDispatchInfo? _failure;

        public Work(int parts, Action<int> part) => (_parts, _left, _part) = (parts, parts, part);

        /// <summary>Computes parts until all have begun.</summary>
        public void Help()
        {
            for (int next; (next = Interlocked.Increment(ref _begun) - 1) < _parts;)
            {
                ExceptionDispatchInfo? failure = null;
                try
                {
                    _part(next);
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
                lock (_gate)
                {
                    _failure ??= failure;
                    if (--_left == 0)
                        Monitor.Pulse(_gate);
                }
            }
        }

        /// <summary>Waits for the parts that others have begun.</summary>
        public void Finish()
        {
            lock (_gate)
                while (_left > 0)
                    Monitor.Wait(_gate);
            _failure?.Throw();
        }
    }
}
