namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed unsafe class OpenMpTeamTests
{
    private const int Items = 1000;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void Run_AnyNumberOfThreads_DoesEachShareOnce(int threads)
    {
        TorchNative.EnsureLoaded();
        int* counts = stackalloc int[Items];
        new Span<int>(counts, Items).Clear();
        OpenMpTeam.Run(&Count, counts, threads);
        Assert.AreEqual(-1, new ReadOnlySpan<int>(counts, Items).IndexOfAnyExcept(1));
    }

    private static void Count(void* data, int thread, int threads)
    {
        for (int i = thread * Items / threads; i < (thread + 1) * Items / threads; i++)
            Interlocked.Increment(ref ((int*)data)[i]);
    }
}
