namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class NativeCopiesTests
{
    [TestMethod]
    public void Get_ByManyAtOnce_IsMadeOnceAndFreedOnce()
    {
        int made = 0, freed = 0;
        var copies = new NativeCopies();
        var got = new Copy[32];
        Parallel.For(0, got.Length, i => got[i] = copies.Get("key", () =>
        {
            Interlocked.Increment(ref made);
            return new Copy(() => freed++);
        }));
        Assert.AreEqual(1, made);
        Assert.IsTrue(got.All(copy => ReferenceEquals(copy, got[0])));
        copies.Dispose();
        copies.Dispose();
        Assert.AreEqual(1, freed);
    }

    [TestMethod]
    public void Get_AfterAFailure_TriesAgain()
    {
        using var copies = new NativeCopies();
        Assert.ThrowsExactly<InvalidOperationException>(() => copies.Get<Copy>(1, () => throw new InvalidOperationException()));
        Assert.IsNotNull(copies.Get(1, () => new Copy(() => { })));
        Assert.AreEqual(1, copies.Count);
    }

    private sealed class Copy(Action free) : IDisposable
    {
        public void Dispose() => free();
    }
}
