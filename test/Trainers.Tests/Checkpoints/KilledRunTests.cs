using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class KilledRunTests
{
    private const int Steps = 3000;

    [TestMethod]
    public void Fit_KilledSeveralTimes_SavesTheModelOfOneGo()
    {
        var folder = Directory.CreateTempSubdirectory("killed-");
        try
        {
            string whole = Path.Combine(folder.FullName, "whole.zip"), resumed = Path.Combine(folder.FullName, "resumed.zip");
            string checkpoints = Path.Combine(folder.FullName, "checkpoints");
            using (var process = Start(whole))
                Finish(process);
            var random = new Random(7);
            long reached = 0;
            for (int kill = 0; kill < 3; kill++)
            {
                using var process = Start(resumed, checkpoints);
                long from = reached;
                // Anywhere after the first new checkpoint, so that every kill finds a run under way.
                Assert.IsTrue(SpinWait.SpinUntil(() => process.HasExited || (reached = Newest(checkpoints)) > from, TimeSpan.FromMinutes(2)), "no checkpoint appeared");
                Thread.Sleep(random.Next(200));
                process.Kill();
                process.WaitForExit();
                reached = Newest(checkpoints);
            }
            Assert.IsLessThan(Steps, reached, "the last kill came too late to prove anything");
            using (var process = Start(resumed, checkpoints))
                Finish(process);
            Assert.AreSequenceEqual(Model(whole), Model(resumed));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static float[] Model(string path)
    {
        var chain = (Microsoft.ML.Data.TransformerChain<ITransformer>)new MLContext().Model.Load(path, out _);
        using var model = (Transforms.DenoiserTransformer)chain.Last();
        return TrainedWeights.Of(model);
    }

    private static long Newest(string folder) => Directory.Exists(folder)
        ? Directory.GetFiles(folder, "step-*").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path)[5..])).DefaultIfEmpty(0).Max()
        : 0;

    private static Process Start(string model, params string[] folder)
    {
        string program = Path.Combine(AppContext.BaseDirectory.Replace("Trainers.Tests", "CheckpointProbe", StringComparison.Ordinal), "CheckpointProbe.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, $"{Steps}", model, .. folder]) { RedirectStandardError = true })!;
    }

    private static void Finish(Process process)
    {
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors);
    }
}
