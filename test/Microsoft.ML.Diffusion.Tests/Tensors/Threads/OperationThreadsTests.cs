using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
[DoNotParallelize]
public sealed class OperationThreadsTests
{
    [TestMethod]
    public void Scopes_WithinEachOther_EachGivesBackWhatItFound()
    {
        if (!OperationThreads.AreOwn)
            Assert.Inconclusive("libtorch's number of threads can not be set for one thread alone on this system.");
        int threads = get_num_threads();
        set_num_threads(3);
        try
        {
            AssertThreads(3, 3);
            using (OperationThreads.Alone())
            {
                AssertThreads(1, 3);
                using (OperationThreads.Together())
                    AssertThreads(3, 3);
                using (OperationThreads.OfPart())
                {
                    AssertThreads(1, 1);
                    using (OperationThreads.Alone())
                        AssertThreads(1, 1);
                    using (OperationThreads.Together())
                        AssertThreads(1, 1);
                }
                AssertThreads(1, 3);
            }
            AssertThreads(3, 3);
            using (OperationThreads.Together())
                AssertThreads(3, 3);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static void AssertThreads(int ofOperations, int given)
    {
        Assert.AreEqual(ofOperations, get_num_threads());
        Assert.AreEqual(given, OperationThreads.Given);
    }
}
