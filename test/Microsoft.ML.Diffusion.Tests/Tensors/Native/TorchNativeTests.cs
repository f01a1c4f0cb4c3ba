using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.Diffusion.Tests.Tensors;

[TestClass]
public class TorchNativeTests
{
    [TestMethod]
    public void EnsureLoaded_InThisProgram_MakesTorchUsable()
    {
        TorchNative.EnsureLoaded();

        using var ones = torch.ones(3);
        using var sum = ones.sum();
        Assert.AreEqual(3f, sum.ToSingle());
        Assert.Contains(TorchPlatform.CoreLibrary, TorchNative.Description);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow(false)]
    [DataRow(true)]
    public void EnsureLoaded_WithoutTorch_SaysWhatToInstall(bool withBridge)
    {
        using var probe = new ProbeProgram();
        if (withBridge)
            probe.WithBridge();

        string[] lines = probe.Run("touch", "ensure", "ensure", "describe");

        Assert.HasCount(4, lines);
        Assert.StartsWith("touched", lines[0]);
        foreach (string line in lines[1..3])
        {
            Assert.StartsWith($"TorchNotFoundException: 'libtorch_cpu.so' was not found in: {probe.Folder}", line);
            Assert.Contains($"'libtorch-cpu-{RuntimeInformation.RuntimeIdentifier}'", line);
            Assert.Contains("TorchBackend", line);
            Assert.Contains("MLDIFFUSION_LIBTORCH", line);
        }

        Assert.StartsWith("libtorch is not loaded.", lines[3]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_WithoutTheBridge_NamesIt()
    {
        using var probe = new ProbeProgram().WithTorch();

        string line = probe.Run("ensure").Single();

        Assert.StartsWith("TorchNotFoundException: 'libLibTorchSharp.so' was not found in:", line);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow(0)]
    [DataRow(5000)]
    [DataRow(2_000_000)]
    public void EnsureLoaded_WithATruncatedBridge_SaysSo(int length)
    {
        using var probe = new ProbeProgram().WithTorch();
        byte[] image = File.ReadAllBytes(NativeFiles.Bridge);
        File.WriteAllBytes(Path.Combine(probe.Folder, TorchPlatform.BridgeLibrary), image[..length]);

        string line = probe.Run("ensure").Single();

        Assert.StartsWith("TorchNotFoundException: libtorch could not be loaded:", line);
        Assert.Contains("libLibTorchSharp.so' is cut off", line);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_WithAForeignBridge_GivesTheSystemsWords()
    {
        using var probe = new ProbeProgram().WithTorch();
        File.WriteAllBytes(Path.Combine(probe.Folder, TorchPlatform.BridgeLibrary), new byte[4096]);

        string[] lines = probe.Run("ensure");

        Assert.StartsWith("TorchNotFoundException: TorchSharp's 'libLibTorchSharp.so' can not be loaded on top of libtorch from", lines[0]);
        Assert.Contains($"The system says: Unable to load shared library '{probe.Folder}/libLibTorchSharp.so'", string.Join(' ', lines));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_WithAnotherLibtorchThanTheBridges_SaysWhichIsExpectedBeforeTheSystemsWords()
    {
        // A library of the right name that has none of libtorch's symbols.
        string folder = Path.GetDirectoryName(NativeFiles.Core)!;
        using var probe = new ProbeProgram().WithBridge();
        foreach (string library in Directory.GetFiles(folder, "libgomp*"))
            File.Copy(library, Path.Combine(probe.Folder, Path.GetFileName(library)));
        File.Copy(Path.Combine(folder, "libtorch_global_deps.so"), Path.Combine(probe.Folder, TorchPlatform.CoreLibrary));

        string line = string.Join(' ', probe.Run("ensure"));

        Assert.StartsWith($"TorchNotFoundException: TorchSharp's 'libLibTorchSharp.so' can not be loaded on top of libtorch from {probe.Folder}", line);
        Assert.Contains($"expected libtorch {TorchPlatform.LibTorchVersion}", line);
        Assert.Contains("'libtorch-cpu-linux-x64' 2.10.0", line);
        Assert.IsGreaterThan(line.IndexOf("'libtorch-cpu-linux-x64'", StringComparison.Ordinal), line.IndexOf("The system says:", StringComparison.Ordinal));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_WhenTheVariableNamesNoDirectory_NamesVariableAndPath()
    {
        using var probe = new ProbeProgram { Environment = { [TorchNative.DirectoryVariable] = "/no/such/folder" } }.WithTorch().WithBridge();

        string line = probe.Run("ensure").Single();

        Assert.StartsWith("TorchNotFoundException: The environment variable MLDIFFUSION_LIBTORCH is '/no/such/folder', but there is no such directory.", line);
        Assert.Contains("libtorch_cpu.so", line);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_WhenTheDirectoryOfTheVariableLacksTorch_NamesTheFile()
    {
        using var probe = new ProbeProgram().WithTorch().WithBridge();
        probe.Environment[TorchNative.DirectoryVariable] = probe.Cache;

        string line = probe.Run("ensure").Single();

        Assert.StartsWith($"TorchNotFoundException: The environment variable MLDIFFUSION_LIBTORCH is '{probe.Cache}', but 'libtorch_cpu.so' is not in it.", line);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_WithTheVariable_TakesTorchFromThere()
    {
        string directory = Path.GetDirectoryName(NativeFiles.Core)!;
        using var probe = new ProbeProgram { Environment = { [TorchNative.DirectoryVariable] = directory } }.WithBridge();

        string[] lines = probe.Run("ensure", "torch", "describe");

        Assert.AreEqual("ensured", lines[0]);
        Assert.AreEqual("sum 3", lines[1]);
        Assert.Contains($"from {directory}/libtorch_cpu.so", lines[2]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("ensure", "torch", DisplayName = "asked to load")]
    [DataRow("touch", "torch", DisplayName = "a type of ours, then TorchSharp")]
    [DataRow("resolver", "ensure", DisplayName = "the program has its own import resolver")]
    public void FirstUse_OfThisLibrary_MakesTorchUsable(string first, string second)
    {
        using var probe = new ProbeProgram().WithTorch().WithBridge();

        string[] lines = probe.Run(first, second, "torch", "ensure", "copies");

        Assert.AreSequenceEqual(["sum 3", "ensured", "copies 1"], lines[2..]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void FirstUse_OfTorchWhereItLoads_IsTakenOver()
    {
        using var probe = new ProbeProgram().WithTorch().WithRelaxedBridge();

        string[] lines = probe.Run("torch", "ensure", "torch", "copies");

        Assert.AreSequenceEqual(["sum 3", "ensured", "sum 3", "copies 1"], lines);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void FirstUse_OfTorchWhereItDoesNotLoad_IsExplained()
    {
        using var probe = new ProbeProgram();
        string[] before = probe.Run("torch");
        probe.WithTorch().WithBridge();

        string[] lines = probe.Run("torch", "ensure");

        Assert.Contains(line => line.StartsWith("TypeInitializationException", StringComparison.Ordinal), before);
        bool systemLoadsBridge = lines[0] == "sum 3";
        Assert.StartsWith(systemLoadsBridge ? "ensured" : "TorchNotFoundException: TorchSharp was used before Microsoft.ML.Diffusion", lines[^1]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_WhereTheCacheCanNotBeWritten_LoadsNevertheless()
    {
        using var probe = new ProbeProgram().WithTorch().WithBridge();
        probe.Environment["XDG_DATA_HOME"] = "/proc/no-folder-can-be-made-here";
        probe.Environment["TMPDIR"] = probe.Cache;

        string[] lines = probe.Run("ensure", "torch");

        Assert.AreSequenceEqual(["ensured", "sum 3"], lines);
        Assert.IsEmpty(Directory.GetFileSystemEntries(probe.Cache, "mldiffusion-*"));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void EnsureLoaded_InManyProcessesAtOnce_WorksInAll()
    {
        using var probe = new ProbeProgram().WithTorch().WithBridge();

        var processes = Enumerable.Range(0, 4).Select(_ => probe.Start("ensure", "torch")).ToList();
        foreach (var process in processes)
        {
            using (process)
                Assert.AreSequenceEqual(["ensured", "sum 3"], ProbeProgram.Finish(process));
        }

        // One copy where the system needs a relaxed one, none elsewhere, and no remains of writing it.
        string[] copies = Directory.GetFiles(probe.Cache, "*", SearchOption.AllDirectories);
        Assert.IsTrue(copies.All(path => Path.GetFileName(path) == "libLibTorchSharp.so"), string.Join('\n', copies));
        Assert.IsLessThanOrEqualTo(1, copies.Length);
    }
}
