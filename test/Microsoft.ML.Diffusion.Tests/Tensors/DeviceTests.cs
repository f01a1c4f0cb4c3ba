using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class DeviceTests
{
    [TestMethod]
    public void Resolve_NoGpuAskedFor_Cpu() => Assert.AreEqual(DeviceType.CPU, TorchDevice.Resolve(null).type);

    [TestMethod]
    public void Resolve_GpuThatIsNotThere_RefusedInsteadOfFallingBack()
    {
        int missing = cuda.is_available() ? cuda.device_count() : 0;
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => TorchDevice.Resolve(missing));
        Assert.Contains($"GPU {missing} was asked for", exception.Message);
    }

    [TestMethod]
    public void Resolve_Precision_AgreesWithIsSupported()
    {
        Assert.IsTrue(Precision.Float32.IsSupported(CPU, out _));
        bool supported = Precision.BFloat16.IsSupported(CPU, out string? reason);
        Assert.AreEqual(supported, reason is null);
        // Instructions alone do not make bf16 the faster one: only matrix units are certain to.
        if (!supported)
            Assert.AreEqual(Precision.Float32, Precision.Auto.Resolve(CPU));
        if (!supported)
            Assert.Contains(reason!, Assert.ThrowsExactly<NotSupportedException>(() => Precision.BFloat16.Resolve(CPU)).Message);
    }
}
