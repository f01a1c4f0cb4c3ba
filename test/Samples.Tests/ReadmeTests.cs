using System.Text.RegularExpressions;
using SkiaSharp;

namespace Samples.Tests;

[TestClass]
public sealed class ReadmeTests
{
    private const string Begin = "// <snippet>\n", End = "// </snippet>";

    [TestMethod]
    [DataRow("README.md", "FirstModel")]
    [DataRow("docs/editing.md", "Editing")]
    [DataRow("docs/conditions.md", "Captions")]
    [DataRow("docs/guidance.md", "Guiding")]
    [DataRow("docs/classifiers.md", "Encoding")]
    public void Snippet_IsThatOfTheSampleProgram(string page, string sample)
    {
        string program = Read($"docs/samples/{sample}/Program.cs");
        int begin = program.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string snippet = program[begin..program.IndexOf(End, StringComparison.Ordinal)];
        Assert.Contains($"{snippet}```\n", Read(page));
    }

    [TestMethod]
    [DataRow("README.md")]
    [DataRow("docs/package-readme.md")]
    public void Snippets_AsPrinted_AreCompletePrograms(string page)
    {
        string[] snippets = [.. Regex.Matches(Read(page), "```csharp\n(.*?)```\n", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
        Assert.IsNotEmpty(snippets);
        foreach (string snippet in snippets)
            Assert.IsEmpty(ConsoleProgram.ErrorsOf(snippet));
        // The compiler is asked in earnest.
        Assert.IsNotEmpty(ConsoleProgram.ErrorsOf(snippets[0].Replace("using Microsoft.ML.Diffusion;", "", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void PackagePage_Links_AreAbsolute()
    {
        // The page of a package has no folders beside it.
        string page = Read("docs/package-readme.md");
        string[] links = [.. Regex.Matches(page, @"\]\(([^)]*)\)|<(?:img|a)\s[^>]*(?:src|href)=[""']([^""']*)").Select(match => match.Groups[1].Value + match.Groups[2].Value)];
        Assert.IsEmpty(links.Where(link => !link.StartsWith("https://", StringComparison.Ordinal)).ToArray());
        Assert.Contains("docs/package-readme.md", Read("build/Library.props"));
    }

    [TestMethod]
    [DataRow("README.md")]
    [DataRow("docs/package-readme.md")]
    [DataRow("docs/native-libraries.md")]
    public void Page_VersionsOfPackages_AreThoseOfTheBuild(string page)
    {
        string versions = Read("build/Directory.Packages.props"), text = Read(page);
        string torch = Property(versions, "LibTorchVersion"), bridge = Property(versions, "TorchSharpVersion"), own = Property(Read("build/Common.props"), "VersionPrefix");
        foreach (string package in new[] { "libtorch-cpu-linux-x64", "libtorch-cpu-win-x64", "libtorch-cpu-osx-arm64", "TorchSharp-cuda-linux", "TorchSharp-cuda-windows", "SkiaSharp.NativeAssets.Linux.NoDependencies", "net10.0" })
            Assert.Contains(package, text);
        foreach (Match match in Regex.Matches(text, @"(Microsoft\.ML\.Diffusion\S*|libtorch-cpu-\S+|TorchSharp-cuda-\S+|SkiaSharp\S*?)[`""]?(?: --version | Version=""| )(\d+\.\d+\.\d+)"))
        {
            string package = match.Groups[1].Value;
            string expected = package[0] switch { 'M' => own, 'l' => torch, 'T' => bridge, _ => Regex.Match(versions, @"NoDependencies"" Version=""([^""]*)").Groups[1].Value };
            Assert.AreEqual(expected, match.Groups[2].Value, match.Value);
        }
    }

    private static string Property(string project, string name) => Regex.Match(project, $"<{name}>([^<]*)</{name}>").Groups[1].Value;

    [TestMethod]
    public void SolversPage_NamesEachOfTheCatalogue()
    {
        string page = Read("docs/solvers.md");
        MatchCollection solvers = Regex.Matches(Read("src/Microsoft.ML.Diffusion/Sampling/Solvers/KnownSolvers.cs"), @"public static IS\w+ (\w+) ");
        Assert.IsNotEmpty(solvers);
        foreach (Match solver in solvers)
            Assert.Contains($"\n| `{solver.Groups[1].Value}` | ", page);
    }

    [TestMethod]
    public void Snippet_FolderOfPhotos_TrainsSavesLoadsAndSamples() => RunOnPhotos("FirstModel.dll", folder =>
    {
        Assert.IsGreaterThan(10_000, new FileInfo(Path.Combine(folder, "model.zip")).Length);
        using SKBitmap samples = SKBitmap.Decode(Path.Combine(folder, "samples.png"));
        Assert.IsGreaterThan(32 * 4, samples.Width);
    });

    [TestMethod]
    public void Snippet_FolderOfPhotos_IsEdited() => RunOnPhotos("Editing.dll", folder =>
    {
        // Photos of one colour that come back as they were take little room: eight flat pictures with their frame are 780 bytes, an empty grid none at all.
        foreach (string name in new[] { "filled.png", "varied.png", "between.png", "back.png" })
            Assert.IsGreaterThan(400, new FileInfo(Path.Combine(folder, name)).Length, name);
    });

    [TestMethod]
    public void Snippet_Captions_DrawsItsDataAndMeasuresSamples()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("captions-");
        try
        {
            ProgramRun run = ProgramRun.Start("Captions.dll", folder.FullName, "0.03");
            Assert.AreEqual(0, run.ExitCode, run.Error);
            // Drawings of which the judge was made, moved a little.
            Assert.MatchesRegex(new Regex(@"The judge on drawings: .* all three (100|99) %"), run.Output);
            foreach (string line in new[] { "Captions of training: ", "Captions never seen: ", "By chance: " })
                Assert.Contains(line, run.Output);
            Assert.IsGreaterThan(1000, new FileInfo(Path.Combine(folder.FullName, "captions.png")).Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Snippet_FolderOfPhotos_IsGuided() => RunOnPhotos("Guiding.dll", folder =>
    {
        foreach (string name in new[] { "guided.png", "autoguided.png" })
            Assert.IsGreaterThan(1_000, new FileInfo(Path.Combine(folder, name)).Length, name);
    });

    [TestMethod]
    public void Snippet_FolderOfPhotos_IsClassifiedAndEncoded() => RunOnPhotos("Encoding.dll", folder =>
    {
        foreach (string name in new[] { "guided.png", "closer.png" })
            Assert.IsGreaterThan(200, new FileInfo(Path.Combine(folder, name)).Length, name);
    });

    private static void RunOnPhotos(string program, Action<string> check)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("photos-");
        try
        {
            for (int i = 0; i < 4; i++)
            {
                TestPicture.Save(Path.Combine(folder.FullName, "photos", "cat", $"{i}.png"), 40, 32 + i, SKColors.Orange);
                TestPicture.Save(Path.Combine(folder.FullName, "photos", "dog", $"{i}.png"), 32, 40 + i, SKColors.Brown);
            }
            ProgramRun run = ProgramRun.Start(program, folder.FullName, "0.05");
            Assert.AreEqual(0, run.ExitCode, run.Error);
            check(folder.FullName);
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
