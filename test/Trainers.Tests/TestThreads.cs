using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>
/// The networks of these tests are tiny: a second thread gains nothing, and where other programs run, threads of a kernel wait for
/// each other.
/// </summary>
[TestClass]
public static class TestThreads
{
    [AssemblyInitialize]
    public static void UseOne(TestContext context)
    {
        if (!ProcessorSetting.GivesThreads)
            set_num_threads(1);
    }
}
