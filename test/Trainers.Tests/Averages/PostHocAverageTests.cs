using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class PostHocAverageTests
{
    private const int Steps = 240;

    private readonly MLContext _ml = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("averages-");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Weights_AStoredAverage_IsThatAlone()
    {
        double[] weights = PostHocAverage.Weights([(100, 0.05), (100, 0.1), (200, 0.05), (200, 0.1)], 200, 0.05);
        double[] expected = [0, 0, 1, 0];
        for (int i = 0; i < 4; i++)
            // A well-conditioned system of four.
            Assert.AreEqual(expected[i], weights[i], 1e-9);
    }

    [TestMethod]
    public void Weights_OfManySnapshots_GiveTheProfileOfTheLengthWanted()
    {
        (double, double)[] stored = [.. Enumerable.Range(1, 16).SelectMany(k => new[] { (k * 100.0, 0.05), (k * 100.0, 0.1) })];
        foreach (double length in new[] { 0.06, 0.075, 0.12, 0.15 })
        {
            double[] weights = PostHocAverage.Weights(stored, 1600, length);
            Assert.AreEqual(1, weights.Sum(), 1e-9);
            static double Profile(double time, double length, double at)
            {
                double exponent = new PowerFunctionAverage(length).Exponent;
                return at > time ? 0 : (exponent + 1) * Math.Pow(at / time, exponent) / time;
            }

            double error = 0, size = 0;
            for (int step = 1; step <= 1600; step++)
            {
                double wanted = Profile(1600, length, step);
                error += Math.Pow(wanted - stored.Select((average, i) => weights[i] * Profile(average.Item1, average.Item2, step)).Sum(), 2);
                size += wanted * wanted;
            }
            // Nearly exact with so many, for lengths between those stored and somewhat above.
            Assert.IsLessThan(0.02, Math.Sqrt(error / size), $"{length}");
        }
    }

    [TestMethod]
    public void ReconstructAverage_OfARun_IsNearTheAverageThatRunKeeps()
    {
        var options = Options();
        options.Average = new PowerFunctionAverage(0.08);
        using var model = Fit(options);
        var d = _ml.Diffusion();
        Assert.HasCount(2 * Steps / 20, SnapshotFolder.Files(_folder.FullName));
        using var kept = (DenoiserTransformer)d.ReconstructAverage(model, _folder.FullName, 0.08);
        using var shorter = (DenoiserTransformer)d.ReconstructAverage(model, _folder.FullName, 0.05);
        double[] Difference(DenoiserTransformer other) => [.. TrainedWeights.Of(model).Zip(TrainedWeights.Of(other), (a, b) => (double)Math.Abs(a - b))];
        // A run of 240 steps is discrete, 12 snapshots are few: a tenth of the way to another length.
        Assert.IsLessThan(0.1 * Difference(shorter).Average(), Difference(kept).Average());

        // A stored length at a step of a snapshot is what the file holds, but for its rounding to Float32.
        using var file = (DenoiserTransformer)d.LoadWeights(model, Path.Combine(_folder.FullName, "average-000000200-0.1.safetensors"));
        using var same = (DenoiserTransformer)d.ReconstructAverage(model, _folder.FullName, 0.1, step: 200);
        float[] expected = TrainedWeights.Of(file), got = TrainedWeights.Of(same);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], got[i], 1e-5);
    }

    [TestMethod]
    public void Fit_AverageSnapshotsResumed_StoresTheSameFiles()
    {
        string checkpoints = Path.Combine(_folder.FullName, "checkpoints"), folder = Path.Combine(_folder.FullName, "resumed");
        Fit(Options()).Dispose();
        using var source = new CancellationTokenSource();
        var options = Options();
        options.AverageSnapshots = new AverageSnapshots(folder) { Every = 20 };
        options.Checkpoint = new(checkpoints) { Every = 50, Resume = true };
        options.CancellationToken = source.Token;
        options.Progress = new Recorder(report =>
        {
            if (report.Step == 110)
                source.Cancel();
        });
        Fit(options).Dispose();
        File.Delete(Path.Combine(folder, "average-000000110-0.05.safetensors"));
        File.Delete(Path.Combine(folder, "average-000000110-0.1.safetensors"));
        (options.CancellationToken, options.Progress) = (default, null);
        Fit(options).Dispose();
        string[] expected = SnapshotFolder.Files(_folder.FullName), resumed = SnapshotFolder.Files(folder);
        Assert.AreSequenceEqual(expected.Select(Path.GetFileName), resumed.Select(Path.GetFileName));
        for (int i = 0; i < expected.Length; i++)
            Assert.AreSequenceEqual(File.ReadAllBytes(expected[i]), File.ReadAllBytes(resumed[i]));
    }

    [TestMethod]
    public void Fit_FolderOfAnotherRun_IsRefused()
    {
        Fit(Options(20)).Dispose();
        Assert.Contains("already holds averages", Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Options(20))).Message);
    }

    [TestMethod]
    public void ReconstructAverage_WrongUse_IsRefused()
    {
        using var model = Fit(Options(20));
        var d = _ml.Diffusion();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.ReconstructAverage(model, _folder.FullName, 0.3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.ReconstructAverage(model, _folder.FullName, 0.1, step: 0));
        string empty = _folder.CreateSubdirectory("empty").FullName;
        Assert.Contains("no averages", Assert.ThrowsExactly<InvalidDataException>(() => d.ReconstructAverage(model, empty, 0.1)).Message);
        File.WriteAllBytes(Path.Combine(_folder.FullName, "average-000000030-0.1.safetensors"), [1, 2, 3]);
        Assert.Contains("average-000000030", Assert.ThrowsExactly<InvalidDataException>(() => d.ReconstructAverage(model, _folder.FullName, 0.1)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => new AverageSnapshots("x") { Lengths = [] });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AverageSnapshots("x") { Lengths = [0.5] });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AverageSnapshots("x") { Every = 0 });
    }

    private DenoiserTrainer.Options Options(int steps = Steps)
    {
        var options = Points.Options(steps);
        options.AverageSnapshots = new AverageSnapshots(_folder.FullName) { Every = 20 };
        return options;
    }

    private DenoiserTransformer Fit(DenoiserTrainer.Options options)
    {
        var data = Points.Load(_ml);
        return _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(_ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data));
    }
}
