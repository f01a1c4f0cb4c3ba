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

    // Files may hold more than there are adapters for; what an adapter does claim is compared, or fails.
    [TestMethod]
    [DataRow("""{"cases":[{"name":"a","prompt":"main","scheduler":"DDIMScheduler","scheduler_config":{},"timesteps":[1],"steps":[{}],"num_inference_steps":1}]}""", 1, 0)]
    [DataRow("""{"cases":[{"name":"a","prompt":"main","scheduler":"EulerDiscreteScheduler","sigmas":[1,0],"num_inference_steps":1}]}""", 1, 0)]
    [DataRow("""{"weights_file":"x.safetensors","header":{"source":[]},"cases":[{"name":"a"},{"name":"b"}]}""", 2, 0)]
    [DataRow("""{"cases":[{"name":"a","scheduler":"DDIMScheduler","config":{},"timesteps":[1],"steps":[{}],"num_inference_steps":1}]}""", 0, 1)]
    public void Run_CasesOfOtherKinds_AreNotClaimedAndBrokenOnesFail(string json, int notCompared, int mismatches)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("golden-").FullName, "file.json");
        File.WriteAllText(path, json);
        var result = GoldenRunner.Run(GoldenFile.Read(path));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.AreEqual((notCompared, mismatches, 0), (result.NotCompared.Count, result.Mismatches.Count, result.Equal.Count), string.Join('\n', result.Mismatches));
        Assert.AreEqual(notCompared + mismatches, result.Total);
    }
}
