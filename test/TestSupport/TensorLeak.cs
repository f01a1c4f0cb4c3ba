using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Fails where an action leaves tensors behind.</summary>
public static class TensorLeak
{
    /// <summary>Runs an action twice, because the first time may fill caches, and counts tensors around the second.</summary>
    public static void AssertNone(Action action)
    {
        action();
        // What other tests left to the finalizer must not be counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        action();
        Assert.AreEqual(before, Tensor.TotalCount, "Tensors were left behind, or disposed that are not the callee's.");
    }
}
