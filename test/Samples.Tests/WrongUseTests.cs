namespace Samples.Tests;

[TestClass]
public sealed class WrongUseTests
{
    private DirectoryInfo _folder = null!;

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("quickstart-");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("--bogus", "--bogus")]
    [DataRow("--size x", "--size is 'x', expected an even number from 8 to 128")]
    [DataRow("--size 7", "--size is '7'")]
    [DataRow("--steps 0", "--steps is '0'")]
    [DataRow("--seconds -1", "--seconds is '-1'")]
    [DataRow("--guidance NaN", "--guidance is 'NaN'")]
    [DataRow("--count", "--count")]
    [DataRow("--data . --model x.zip", "--data")]
    [DataRow("--data no-such-folder", "no-such-folder")]
    [DataRow("--model no-such.zip", "no-such.zip")]
    public void WrongArguments_EndWithOneLineAndCode2(string arguments, string expected) => Fails(expected, arguments.Split(' '));

    [TestMethod]
    public void EmptyFolder_EndsWithCode2() => Fails("hold no picture", "--data", _folder.FullName);

    [TestMethod]
    public void UnreadablePicture_IsNamed()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "broken.png"), "no picture");
        Fails("broken.png", "--data", _folder.FullName);
    }

    [TestMethod]
    public void DamagedIdx_IsNamed()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "train-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28]);
        File.WriteAllBytes(Path.Combine(_folder.FullName, "train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 1, 0]);
        Fails("train-images-idx3-ubyte", "--data", _folder.FullName);
    }

    [TestMethod]
    public void NoModel_IsNamed()
    {
        string file = Path.Combine(_folder.FullName, "model.zip");
        File.WriteAllText(file, "no model");
        Fails("model.zip' can not be loaded", "--model", file);
    }

    [TestMethod]
    public void UnwritableOutput_IsToldBeforeTraining()
    {
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        string output = Path.Combine(file, "out");
        ProgramRun run = ProgramRun.Quickstart("--out", output);
        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.Contains(output, Assert.ContainsSingle(run.ErrorLines));
        Assert.AreEqual("", run.Output);
    }

    [TestMethod]
    public void Help_TellsEveryOption()
    {
        ProgramRun run = ProgramRun.Quickstart("--help");
        Assert.AreEqual(0, run.ExitCode);
        foreach (string option in new[] { "--data", "--classes", "--size", "--seconds", "--steps", "--guidance", "--count", "--seed", "--out", "--model" })
            Assert.Contains(option, run.Output);
    }

    private void Fails(string expected, params string[] arguments)
    {
        ProgramRun run = ProgramRun.Quickstart(["--out", Path.Combine(_folder.FullName, "out"), .. arguments]);
        Assert.AreEqual(2, run.ExitCode, run.Error);
        Assert.Contains(expected, Assert.ContainsSingle(run.ErrorLines));
    }
}
