using System.Collections.Concurrent;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class CrewTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_SeveralParts_EachOnceOnAThreadOfItsOwnWhereLibtorchComputesAlone(bool byThread)
    {
        WithThreads(2, byThread, () =>
        {
            var threads = new ConcurrentDictionary<int, Thread>();
            using var crew = new Crew(3, byThread);
            for (int run = 0; run < 3; run++)
            {
                var seen = new ConcurrentDictionary<int, (Thread Thread, int Threads)>();
                // All at once: a part waits for the others.
                using var together = new Barrier(3);
                crew.Run(part =>
                {
                    Assert.IsTrue(together.SignalAndWait(TimeSpan.FromMinutes(1)), "the parts do not run beside each other");
                    Assert.IsTrue(seen.TryAdd(part, (Thread.CurrentThread, get_num_threads())));
                });
                Assert.HasCount(3, seen);
                Assert.IsTrue(seen.Values.All(part => part.Threads == 1));
                Assert.HasCount(3, seen.Values.Select(part => part.Thread).Distinct());
                Assert.AreEqual(byThread, seen[0].Thread == Thread.CurrentThread, "the caller helps where its number can be restored");
                // The same threads each time, so that what a part has in its cache stays there.
                Assert.IsTrue(seen.All(part => threads.GetOrAdd(part.Key, part.Value.Thread) == part.Value.Thread));
            }
            Assert.AreEqual(2, get_num_threads());
            int ofNewThread = 0;
            var other = new Thread(() => ofNewThread = get_num_threads());
            other.Start();
            other.Join();
            Assert.AreEqual(2, ofNewThread, "threads that come later have libtorch's number");
        });
    }

    [TestMethod]
    public void Run_OnePart_OnTheCallerWithItsThreads() => WithThreads(2, byThread: false, () =>
    {
        using var crew = new Crew(1);
        crew.Run(part =>
        {
            Assert.AreEqual(0, part);
            Assert.AreEqual(2, get_num_threads());
        });
    });

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_PartsThrow_TheFirstOnesExceptionReachesTheCallerWithItsStackAndTheCrewGoesOn(bool byThread) => WithThreads(2, byThread, () =>
    {
        using var crew = new Crew(3, byThread);
        for (int thrower = 0; thrower < 3; thrower++)
        {
            int done = 0;
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => crew.Run(part =>
            {
                Interlocked.Increment(ref done);
                if (part >= thrower)
                    Fail(part);
            }));
            Assert.AreEqual($"part {thrower}", exception.Message);
            Assert.Contains(nameof(Fail), exception.StackTrace!);
            Assert.AreEqual(3, done);
            Assert.AreEqual(2, get_num_threads());
        }
        int after = 0;
        crew.Run(_ => Interlocked.Increment(ref after));
        Assert.AreEqual(3, after);

        static void Fail(int part) => throw new InvalidDataException($"part {part}");
    });

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Dispose_EndsItsThreads(bool byThread) => WithThreads(2, byThread, () =>
    {
        var threads = new ConcurrentBag<Thread>();
        var crew = new Crew(4, byThread);
        crew.Run(part => threads.Add(Thread.CurrentThread));
        crew.Dispose();
        crew.Dispose();
        Assert.IsTrue(threads.Where(thread => thread != Thread.CurrentThread).All(thread => !thread.IsAlive));
        Assert.ThrowsExactly<ObjectDisposedException>(() => crew.Run(_ => { }));
    });

    [TestMethod]
    public void Run_Tensors_ScopesAndGradientsBelongToThePart()
    {
        using var crew = new Crew(2);
        using var x = ones(1000, requires_grad: true);
        using var noGrad = no_grad();
        double[] sums = new double[2];
        TensorLeak.AssertNone(() => crew.Run(part =>
        {
            using var scope = NewDisposeScope();
            using var grad = enable_grad();
            using var scaled = x.mul(x);
            using var sum = scaled.sum();
            Assert.IsTrue(sum.requires_grad);
            sums[part] = sum.item<float>() + part;
        }));
        Assert.AreEqual(1000, sums[0]);
        Assert.AreEqual(1001, sums[1]);
        Assert.IsFalse(is_grad_enabled());
    }

    private static void WithThreads(int count, bool byThread, Action test)
    {
        if (byThread && !OperationThreads.AreOwn)
            Assert.Inconclusive("libtorch's number of threads can not be set for one thread alone on this system.");
        int threads = get_num_threads();
        set_num_threads(count);
        try
        {
            test();
        }
        finally
        {
            set_num_threads(threads);
        }
    }
}
