using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>The code on the page about universal guidance is this code.</summary>
[TestClass]
public sealed partial class UniversalGuidancePageTests
{
    [TestMethod]
    public void Snippets_Page_AreThoseBelowAndRun()
    {
        string source = Unindented(Read("test/Transforms.Tests/Guidance/UniversalGuidancePageTests.cs"));
        foreach (Match snippet in Code().Matches(Read("docs/universal-guidance.md")))
            Assert.Contains(Unindented(snippet.Groups[1].Value), source);

        var ml = new MLContext(1);
        var d = ml.Diffusion();
        var inside = d.Transforms.UniversalGuidance(KnownGuidanceObjectives.MatchUnderMask("Photo", "Mask"), new()
        {
            ForwardWeight = 0.5,     // w: the gradient through the denoiser
            BackwardSteps = 5,       // m: steps of the objective alone
            BackwardStepSize = 0.2,
            Recurrence = 2,          // k: each step of the sampler is taken twice
        });
        var filled = inside.Append(d.Transforms.Sampler("Filled", new() { Solver = KnownSolvers.DdpmAncestral, Steps = 50 }));

        var bright = GuidanceObjective.From(x0 => x0.flatten(1).mean([1L]));
        var along = GuidanceObjective.From((x0, targets) => x0.flatten(1).mul(targets[0]).sum(1), new GuidanceInput("Direction", 4));

        var rows = ml.Data.LoadFromEnumerable(EditRow.Make(3));
        var data = ml.Transforms.CopyColumns("Photo", "Y").Append(ml.Transforms.CopyColumns("Direction", "Y")).Fit(rows).Transform(rows);
        var pipeline = TestPipelines.Denoiser(ml)
            .Append(d.Transforms.UniversalGuidance(bright)).Append(d.Transforms.UniversalGuidance(along, new() { ForwardWeight = 0.1 })).Append(filled);
        Assert.IsTrue(TestSupport.ViewChecks.Vectors(pipeline.Fit(data).Transform(data), "Filled").All(row => row.All(float.IsFinite)));
    }

    private static string Read(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, path)))
                return File.ReadAllText(Path.Combine(folder.FullName, path));
        throw new FileNotFoundException($"No {path} above '{AppContext.BaseDirectory}'.", path);
    }

    private static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex(@"```csharp\n(.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Code();
}
