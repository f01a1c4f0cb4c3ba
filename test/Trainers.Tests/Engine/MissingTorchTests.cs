using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Training is often the first use of libtorch in a program.</summary>
[TestClass]
public sealed class MissingTorchTests
{
    [TestMethod]
    public void Fit_WithoutTorch_SaysWhatIsMissing()
    {
        var start = new ProcessStartInfo("dotnet", [KilledRunTests.Probe, "1", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())]) { RedirectStandardError = true };
        start.Environment["MLDIFFUSION_LIBTORCH"] = "/no/such/folder";
        using var process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Contains("TorchNotFoundException: The environment variable MLDIFFUSION_LIBTORCH is '/no/such/folder', but there is no such directory.", errors);
    }
}
