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

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Run_OnLinux_UsesLibtorchsThreads()
    {
        TorchNative.EnsureLoaded();
        int most = 0;
        OpenMpTeam.Run(&Note, &most, 2);
        Assert.AreEqual(2, most);
    }

    private static void Note(void* data, int thread, int threads) => Interlocked.Exchange(ref *(int*)data, threads);

    private static void Count(void* data, int thread, int threads)
    {
        for (int i = thread * Items / threads; i < (thread + 1) * Items / threads; i++)
            Interlocked.Increment(ref ((int*)data)[i]);
    }
}
