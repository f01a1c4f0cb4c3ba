using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class RegularFileTests
{
    private readonly string _root = Directory.CreateTempSubdirectory("mldiffusion-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_root, recursive: true);

    [TestMethod]
    public void ReadAllBytes_File_IsRead()
    {
        string path = Path.Combine(_root, "ä");
        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.AreSequenceEqual(new byte[] { 1, 2, 3 }, RegularFile.ReadAllBytes(path));
        Assert.Contains("has 3 bytes", Assert.ThrowsExactly<InvalidDataException>(() => RegularFile.ReadAllBytes(path, limit: 2)).Message);
        Assert.ThrowsExactly<FileNotFoundException>(() => RegularFile.ReadAllBytes(path + "x"));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Open_Pipe_IsRefusedAtOnce()
    {
        string path = Path.Combine(_root, "pipe.safetensors");
        using (var process = Process.Start("mkfifo", [path]))
            process.WaitForExit();
        // Without the check opening waits for ever.
        var opening = Task.Run(() => Assert.ThrowsExactly<IOException>(() => RegularFile.Open(path)));
        Assert.AreEqual(0, Task.WaitAny([opening], TimeSpan.FromMinutes(1)), "opening a pipe waits for a writer");
        Assert.Contains("is a pipe", opening.Result.Message);
        Assert.ThrowsExactly<IOException>(() => SafetensorsFile.Open(path));
    }
}
