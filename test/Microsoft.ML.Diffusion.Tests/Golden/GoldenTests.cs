using Microsoft.ML.Diffusion.TestSupport.Golden;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class GoldenTests
{
    public static IEnumerable<object[]> Files
        => GoldenFolder.Files.Where(file => GoldenFile.Read(file).Cases.Count > 0).Select(file => new object[] { Path.GetRelativePath(GoldenFolder.Path, file) });

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Files))]
    public void Run_ReferenceCases_AreReproduced(string file)
    {
        var result = GoldenRunner.Run(GoldenFile.Read(Path.Combine(GoldenFolder.Path, file)));
        GoldenRunner.Report(result);
        foreach (string quirk in result.Quirks)
            Console.WriteLine($"  quirk of the reference, not compared: {quirk}");
        if (result.NotCompared.Count > 0)
            Console.WriteLine($"  not compared: {string.Join(", ", result.NotCompared)}");
        Assert.IsEmpty(result.Mismatches, string.Join('\n', result.Mismatches));
    }
}
