using SkiaSharp;

namespace Samples.Tests;

[TestClass]
public sealed class ShortRunTests
{
    private DirectoryInfo _folder = null!;

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("quickstart-");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Run_FolderOfPictures_TrainsSavesAndSamples_AndTheModelServesAgain()
    {
        string data = _folder.CreateSubdirectory("data").FullName, output = Path.Combine(_folder.FullName, "out");
        for (int i = 0; i < 4; i++)
        {
            TestPicture.Save(Path.Combine(data, "a b", $"{i}.png"), 17 + i, 30, SKColors.Red);
            TestPicture.Save(Path.Combine(data, "c", $"{i}.png"), 40, 19 + i, SKColors.Blue);
        }

        ProgramRun first = ProgramRun.Quickstart("--data", data, "--size", "16", "--steps", "3", "--count", "2", "--out", output);

        Assert.AreEqual(0, first.ExitCode, first.Error);
        foreach (string name in new[] { "model.zip", "forward.png", "loss.png", "denoising.png", "samples.png" })
            Assert.IsGreaterThan(1000, new FileInfo(Path.Combine(output, name)).Length, name);
        Assert.AreSequenceEqual(new[] { "a_b_0.png", "a_b_1.png", "c_0.png", "c_1.png" }, Names(Path.Combine(output, "samples")));

        string again = Path.Combine(_folder.FullName, "again"), model = Path.Combine(output, "model.zip");
        ProgramRun second = ProgramRun.Quickstart("--model", model, "--count", "2", "--out", again);
        Assert.AreEqual(0, second.ExitCode, second.Error);
        foreach (string file in Directory.GetFiles(Path.Combine(output, "samples")))
            Assert.AreSequenceEqual(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(again, "samples", Path.GetFileName(file))), "the same seed, the same picture");

        byte[] damaged = File.ReadAllBytes(model);
        File.WriteAllBytes(model, damaged[..(damaged.Length / 2)]);
        ProgramRun third = ProgramRun.Quickstart("--model", model, "--out", again);
        Assert.AreEqual(2, third.ExitCode, third.Error);
        Assert.ContainsSingle(third.ErrorLines);
    }

    private static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
