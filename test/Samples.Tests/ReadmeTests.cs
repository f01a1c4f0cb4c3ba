using SkiaSharp;

namespace Samples.Tests;

[TestClass]
public sealed class ReadmeTests
{
    private const string Begin = "// <snippet>\n", End = "// </snippet>";

    [TestMethod]
    public void Snippet_IsThatOfTheSampleProgram()
    {
        string program = Read("docs/samples/FirstModel/Program.cs");
        int begin = program.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string snippet = program[begin..program.IndexOf(End, StringComparison.Ordinal)];
        Assert.Contains($"```csharp\n{snippet}```\n", Read("README.md"));
    }

    [TestMethod]
    public void Snippet_FolderOfPhotos_TrainsSavesLoadsAndSamples()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("first-model-");
        try
        {
            for (int i = 0; i < 4; i++)
            {
                TestPicture.Save(Path.Combine(folder.FullName, "photos", "cat", $"{i}.png"), 40, 32 + i, SKColors.Orange);
                TestPicture.Save(Path.Combine(folder.FullName, "photos", "dog", $"{i}.png"), 32, 40 + i, SKColors.Brown);
            }
            ProgramRun run = ProgramRun.Start("FirstModel.dll", folder.FullName, "0.05");
            Assert.AreEqual(0, run.ExitCode, run.Error);
            Assert.IsGreaterThan(10_000, new FileInfo(Path.Combine(folder.FullName, "model.zip")).Length);
            using SKBitmap samples = SKBitmap.Decode(Path.Combine(folder.FullName, "samples.png"));
            Assert.IsGreaterThan(32 * 4, samples.Width);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Read(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Diffusion.ML.sln")))
            folder = folder.Parent;
        Assert.IsNotNull(folder, "The tests lie outside of the repository.");
        return File.ReadAllText(Path.Combine(folder.FullName, path)).ReplaceLineEndings("\n");
    }
}
