using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SharedRoomTests
{
    [TestMethod]
    public void Take_ByManyThreads_NeverExceedsTheCapacity()
    {
        var room = new SharedRoom(10);
        int taken = 0, most = 0;
        Parallel.For(0, 200, new() { MaxDegreeOfParallelism = 8 }, i =>
        {
            int size = i % 10 + 1;
            using (room.Take(size))
            {
                int now = Interlocked.Add(ref taken, size);
                InterlockedMax(ref most, now);
                Thread.SpinWait(1000);
                Interlocked.Add(ref taken, -size);
            }
        });
        Assert.IsInRange(1, 10, most);
        Assert.AreEqual(0, taken);
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (int seen = Volatile.Read(ref place); seen < value;)
            seen = Interlocked.CompareExchange(ref place, value, seen) is var old && old == seen ? value : old;
    }
}
