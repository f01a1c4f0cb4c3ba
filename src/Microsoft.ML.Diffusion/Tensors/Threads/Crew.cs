using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Computes parts of a work beside each other, each on one thread on which libtorch's operations run alone. Nothing waits but for the last part: threads that share an operation wait for each other
/// within it, spinning, and where another process has one of their processors, they wait long and often.
/// </summary>
/// <remarks>
/// The caller computes part 0 where its number of threads can be changed and restored for it alone (<see cref="OperationThreads"/>), and waits elsewhere. A part's dispose scopes and recording of gradients
/// are its thread's own. Used by one thread at a time.
/// </remarks>
internal sealed class Crew : IDisposable
{
    // Where libtorch's number is changed for the whole process, one crew at a time may do so.
    private static readonly Lock OfProcess = new();

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _starts;
    private readonly CountdownEvent _done = new(1);
    private readonly ExceptionDispatchInfo?[] _failures;
    private readonly bool _byThread;
    private Action<int>? _part;
    private volatile bool _ends;

    /// <summary>A crew that waits for work.</summary>
    /// <param name="parts">The number of parts; at least 1. One part is computed by the caller, with all threads of libtorch.</param>
    /// <param name="byThread">Whether libtorch's numbers are set for each thread alone; where that is possible (<see cref="OperationThreads.AreOwn"/>) unless given.</param>
    public Crew(int parts, bool? byThread = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        _byThread = parts == 1 || (byThread ?? OperationThreads.AreOwn);
        _failures = new ExceptionDispatchInfo?[parts];
        _starts = [.. Enumerable.Range(0, parts).Select(_ => new SemaphoreSlim(0))];
        _threads = [.. Enumerable.Range(0, parts).Skip(_byThread ? 1 : 0).Select(part => new Thread(() => Work(part)) { IsBackground = true, Name = $"Microsoft.ML.Diffusion part {part}" })];
        if (_byThread)
            StartAll();
        else
            StartLimited();
    }

    /// <summary>The number of parts.</summary>
    public int Parts => _failures.Length;

    /// <summary>Computes all parts, and returns when the last is done.</summary>
    /// <param name="part">Computes a part.</param>
    /// <remarks>Where parts throw, the exception of the first of them is thrown on, with its own stack, after all have ended.</remarks>
    public void Run(Action<int> part)
    {
        ArgumentNullException.ThrowIfNull(part);
        ObjectDisposedException.ThrowIf(_ends, this);
        if (Parts == 1)
        {
            part(0);
            return;
        }
        _part = part;
        _done.Reset(_threads.Length + 1);
        for (int i = Parts - _threads.Length; i < Parts; i++)
            _starts[i].Release();
        if (_byThread)
        {
            using var alone = OperationThreads.OfPart();
            Compute(0);
        }
        _done.Signal();
        _done.Wait();
        _part = null;
        var failure = _failures.FirstOrDefault(failure => failure is not null);
        Array.Clear(_failures);
        failure?.Throw();
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_ends)
            return;
        _ends = true;
        foreach (var start in _starts)
            start.Release();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var start in _starts)
            start.Dispose();
        _done.Dispose();
    }

    private void Work(int part)
    {
        using var alone = _byThread ? OperationThreads.OfPart() : default;
        if (!_byThread)
        {
            // libtorch sets a thread's number at its first operation there, which therefore comes first.
            _ = get_num_threads();
            set_num_threads(1);
        }
        _done.Signal();
        while (true)
        {
            _starts[part].Wait();
            if (_ends)
                return;
            Compute(part);
            _done.Signal();
        }
    }

    private void Compute(int part)
    {
        try
        {
            _part!(part);
        }
        catch (Exception exception)
        {
            _failures[part] = ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void StartAll()
    {
        _done.Reset(_threads.Length + 1);
        foreach (var thread in _threads)
            thread.Start();
        _done.Signal();
        _done.Wait();
    }

    // A thread keeps the number it was given; the caller and threads that come later get theirs back.
    private void StartLimited()
    {
        lock (OfProcess)
        {
            int before = get_num_threads();
            try
            {
                StartAll();
            }
            finally
            {
                set_num_threads(before);
            }
        }
    }
}
