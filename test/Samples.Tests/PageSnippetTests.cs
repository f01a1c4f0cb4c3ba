using System.Text.RegularExpressions;
using Microsoft.ML.Diffusion.TestSupport;
using SkiaSharp;

namespace Samples.Tests;

/// <summary>Each C# snippet of these pages is part of a sample program, word for word, and the programs run.</summary>
[TestClass]
public sealed partial class PageSnippetTests
{
    [TestMethod]
    [DataRow("docs/getting-started.md", "GettingStarted")]
    [DataRow("docs/serving.md", "Serving")]
    [DataRow("docs/tables.md", "Tables")]
    public void Snippets_OfAPage_AreThoseOfItsProgram(string page, string sample)
    {
        string programs = string.Join("\n", Directory.GetFiles(Path.Combine(Repository, "docs", "samples", sample), "*.cs").Order(StringComparer.Ordinal).Select(Read));
        string[] snippets = [.. Fence().Matches(Read(Path.Combine(Repository, page))).Select(match => match.Groups[1].Value)];
        Assert.IsNotEmpty(snippets);
        foreach (string snippet in snippets)
            Assert.Contains(snippet, programs);
        // And nothing that a program shows is left out.
        foreach (Match shown in Marked().Matches(programs))
            Assert.Contains(shown.Groups[1].Value, snippets);
    }

    [TestMethod]
    public void Fragments_OfServing_Compile()
    {
        string[] fragments = [.. Regex.Matches(Read(Path.Combine(Repository, "docs/serving.md")), "```cs\n(.*?)```\n", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
        Assert.HasCount(2, fragments);
        foreach (string fragment in fragments)
            Assert.IsEmpty(ConsoleProgram.ErrorsOf($$"""
                using Microsoft.ML;
                using Microsoft.ML.Diffusion;

                var ml = new MLContext();
                var d = ml.Diffusion();
                var model = ml.Model.Load("model.zip", out _);
                IDataView rows = d.Data.Rows("Label", ["cat"]);
                CancellationToken token = CancellationToken.None;
                List<Picture> pictures = [];
                {{fragment}}
                Console.WriteLine($"{d} {model} {rows} {token} {pictures}");

                class Query { public long Seed { get; set; } }
                class Picture { public float[] Sample { get; set; } = []; }
                """));
    }

    [TestMethod]
    public void Index_NamesEveryPageOnce()
    {
        string index = Read(Path.Combine(Repository, "docs", "README.md"));
        foreach (string page in Directory.GetFiles(Path.Combine(Repository, "docs"), "*.md").Select(file => Path.GetFileName(file)).Where(name => name != "README.md"))
            Assert.HasCount(1, Regex.Matches(index, Regex.Escape($"]({page})")), page);
        foreach (Match link in Regex.Matches(index, @"\]\(([^)#]+\.md)\)"))
            Assert.IsTrue(File.Exists(Path.Combine(Repository, "docs", link.Groups[1].Value)), link.Value);
    }

    [TestMethod]
    public void GettingStarted_FolderOfPhotos_TrainsSavesAndSamples()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("started-");
        try
        {
            MakePhotos(folder.FullName);
            ProgramRun run = ProgramRun.Start("GettingStarted.dll", folder.FullName, "0.05");
            Assert.AreEqual(0, run.ExitCode, run.Error);
            Assert.MatchesRegex(new Regex(@"\d+ %, loss \d"), run.Output);
            Assert.Contains("parameters on cpu", run.Output);
            // ML.NET's own bookkeeping stays out.
            Assert.DoesNotContain("Channel", run.Output);
            using SKBitmap samples = SKBitmap.Decode(Path.Combine(folder.FullName, "samples.png"));
            Assert.IsGreaterThan(32 * 4, samples.Width);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Tables_FewSteps_MakesRowsWithNamedColumns()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tables-");
        try
        {
            ProgramRun run = ProgramRun.Start("Tables.dll", folder.FullName, "20");
            Assert.AreEqual(0, run.ExitCode, run.Error);
            Assert.Contains("Group, Age, Height, Income\n", run.Output.ReplaceLineEndings("\n"));
            Assert.MatchesRegex(new Regex(@"\nstudent, [-\d.]+, [-\d.]+, [-\d.]+\n"), run.Output.ReplaceLineEndings("\n"));
            Assert.Contains("Mean age and income of a worker: ", run.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    internal static string Repository => RepositoryFolder.Location;

    internal static void MakePhotos(string folder)
    {
        for (int i = 0; i < 4; i++)
        {
            TestPicture.Save(Path.Combine(folder, "photos", "cat", $"{i}.png"), 40, 32 + i, SKColors.Orange);
            TestPicture.Save(Path.Combine(folder, "photos", "dog", $"{i}.png"), 32, 40 + i, SKColors.Brown);
        }
    }

    private static string Read(string path) => File.ReadAllText(path).ReplaceLineEndings("\n");

    [GeneratedRegex(@"```csharp\n(.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"// <snippet>\n(.*?)// </snippet>", RegexOptions.Singleline)]
    private static partial Regex Marked();
}
