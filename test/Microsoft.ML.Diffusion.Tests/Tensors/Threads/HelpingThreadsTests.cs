using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class HelpingThreadsTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void Run_EachPartOnceOnOneThreadAndTheCallersNumberStays(int parts)
    {
        int threads = get_num_threads();
        var computed = new ConcurrentBag<(int Part, int Threads)>();
        HelpingThreads.Run(parts, part => computed.Add((part, get_num_threads())));
        Assert.AreSequenceEqual(Enumerable.Range(0, parts), computed.Select(each => each.Part).Order());
        if (OperationThreads.AreOwn)
            Assert.IsTrue(computed.All(each => each.Threads == 1));
        Assert.AreEqual(threads, get_num_threads());
    }

    [TestMethod]
    public void Run_PartThrows_TheOthersEndAndTheCallerGetsTheException()
    {
        int ended = 0;
        var failure = Assert.ThrowsExactly<ArgumentException>(() => HelpingThreads.Run(4, part =>
        {
            Interlocked.Increment(ref ended);
            if (part == 2)
                throw new ArgumentException("of part 2");
        }));
        Assert.AreEqual("of part 2", failure.Message);
        Assert.AreEqual(4, ended);
        HelpingThreads.Run(2, _ => { });
    }

    [TestMethod]
    public void Run_HelpersAreBusy_TheCallerComputesAllParts()
    {
        using var blocked = new ManualResetEventSlim();
        using var started = new CountdownEvent(64);
        // More parts than there will ever be helpers for: each holds its thread.
        var callers = Enumerable.Range(0, 32).Select(_ => new Thread(() => HelpingThreads.Run(2, _ =>
        {
            if (!started.IsSet)
                started.Signal();
            blocked.Wait();
        }))).ToArray();
        foreach (var caller in callers)
            caller.Start();
        SpinWait.SpinUntil(() => started.CurrentCount <= 32);
        int mine = 0;
        HelpingThreads.Run(3, _ => mine++);
        Assert.AreEqual(3, mine);
        blocked.Set();
        foreach (var caller in callers)
            caller.Join();
    }
}
