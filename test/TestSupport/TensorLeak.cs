using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Fails where an action leaves tensors behind.</summary>
public static class TensorLeak
{
    /// <summary>The tensors that are alive, without those that other tests left to the finalizer.</summary>
    public static long Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    /// <summary>Runs an action twice, because the first time may fill caches, and counts tensors around the second.</summary>
    public static void AssertNone(Action action)
    {
        action();
        long before = Count();
        action();
        Assert.AreEqual(before, Tensor.TotalCount, "Tensors were left behind, or disposed that are not the callee's.");
    }
}
