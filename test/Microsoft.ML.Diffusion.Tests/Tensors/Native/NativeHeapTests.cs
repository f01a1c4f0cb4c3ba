using System.Diagnostics;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests.Tensors;

[TestClass]
public sealed class NativeHeapTests
{
    private const int Count = 400, Mebibyte = 1 << 20;

    [TestMethod]
    public void GiveBack_AfterTensorsWereFreed_TheKernelHasTheirMemory()
    {
        if (!NativeHeap.KeepsFreed)
            Assert.Inconclusive("Not glibc, or the environment sets its own malloc options.");
        // So that the managed heap has nothing to give back meanwhile.
        GC.Collect();
        NativeHeap.GiveBack();
        long before = Resident();
        for (int round = 0; round < 2; round++)
        {
            var tensors = Enumerable.Range(0, Count).Select(_ => ones(Mebibyte / sizeof(float))).ToArray();
            foreach (var tensor in tensors)
                tensor.Dispose();
        }
        // Half of it: what else lives among the blocks, and other threads, are not ours to say.
        Assert.IsGreaterThan(before + Count * Mebibyte / 2, Resident(), "freed memory is kept");
        NativeHeap.GiveBack();
        Assert.IsLessThan(before + Count * Mebibyte / 2, Resident(), "kept memory is given back");
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
