using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class LearnedVarianceTests
{
    // Few steps, so that the bounds of the variance differ, and the right one matters.
    private static readonly DiscreteSchedule Schedule = new CosineSchedule(20);

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_Hybrid_LearnsAVarianceBetterThanBothBoundsAndSamplesWithIt()
    {
        var d = _ml.Diffusion();
        var data = Points.Load(_ml);
        var options = Points.Options(steps: 1200);
        options.Network = new ResidualMlp { Width = 64, Blocks = 2, WithVariance = true };
        // So large that the variance is learned as fast as the mean.
        options.Objective = new HybridObjective(0.05);
        options.Levels = new ImportanceLevels(Schedule.Steps);
        var chain = d.Transforms.NoiseSchedule("Point", Schedule)
            .Append(d.Trainers.Denoiser("Point", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { Solver = KnownSolvers.DdpmLearnedVariance, BatchSize = 512, Steps = 20 }));
        using var model = chain.Fit(data);
        var denoiser = model.OfType<DenoiserTransformer>().Single().Model.Denoiser;
        double small = Bound(denoiser, ReverseVariance.Small), large = Bound(denoiser, ReverseVariance.Large), learned = Bound(denoiser, ReverseVariance.Learned);
        Assert.IsLessThan(small, learned);
        Assert.IsLessThan(large, learned);

        var samples = Points.Samples(_ml, model.Transform(Points.Queries(_ml, 1024)));
        Points.AssertMoments(samples, "learned variance");

        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext(seed: 7).Model.Load(stream, out _);
        Assert.AreSequenceEqual(samples.SelectMany(row => row), Points.Samples(_ml, loaded.Transform(Points.Queries(_ml, 1024))).SelectMany(row => row));
    }

    [TestMethod]
    public void Fit_NetworkAndObjectiveDiffer_IsRefused()
    {
        var options = Points.Options(steps: 1);
        options.Objective = KnownObjectives.Hybrid;
        Assert.Contains("WithVariance", Assert.ThrowsExactly<ArgumentException>(() => Fit(options, Schedule)).Message);
        options.Network = new ResidualMlp { Width = 16, WithVariance = true };
        Assert.Contains("discrete schedule", Assert.ThrowsExactly<ArgumentException>(() => Fit(options, KnownSchedules.Edm)).Message);
        options.Objective = KnownObjectives.Simple;
        Assert.Contains("KnownObjectives.Hybrid", Assert.ThrowsExactly<ArgumentException>(() => Fit(options, Schedule)).Message);
    }

    [TestMethod]
    public void Fit_HybridWithoutNetwork_TakesOneThatLearnsVariance()
    {
        var options = new DenoiserTrainer.Options { Objective = KnownObjectives.Hybrid, Steps = 1, BatchSize = 16, Precision = Precision.Float32 };
        using var model = Fit(options, Schedule);
        Assert.IsTrue(model.Spec.Network.LearnsVariance);
        Assert.AreEqual(ResidualMlp.Default.Width, ((ResidualMlp)model.Spec.Network).Width);
    }

    private DenoiserTransformer Fit(DenoiserTrainer.Options options, NoiseSchedule schedule)
    {
        var data = Points.Load(_ml);
        return _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(_ml.Diffusion().Transforms.NoiseSchedule("Point", schedule).Fit(data).Transform(data));
    }

    // The mean term of the steps but the first, on data as the codec has it.
    private static double Bound(IDenoiser denoiser, ReverseVariance variance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // The codec standardizes each value.
        float[] points = [.. Points.Rows(512).SelectMany(row => new[] { row.Point[0] / (float)Math.Sqrt(4.25), (row.Point[1] - 2) / (float)Math.Sqrt(1.25) })];
        var x0 = tensor(points, 512, 2);
        var noise = new RowNoise(5, [.. Enumerable.Range(0, 512).Select(row => new RowKey((ulong)row))]).Normal(0, x0);
        return Enumerable.Range(1, Schedule.Steps - 1).Average(step =>
        {
            NoiseLevel from = Schedule.LevelOf(step), to = Schedule.LevelOf(step - 1);
            var (smallest, largest) = VarianceRange.Of(from, to);
            var answer = denoiser.Denoise(new GaussianProcess(Schedule).Corrupt(x0, noise, from), new StepContext(from, to), Conditioning.None);
            // v from the variance: (2·ln s − ln β − ln β̃)/(ln β − ln β̃).
            var place = answer.LogVariance! * (2 / Math.Log(largest / smallest)) - Math.Log(largest * smallest) / Math.Log(largest / smallest);
            return new VariationalBound(Schedule, variance).TermsOfRows(answer.X0, variance == ReverseVariance.Learned ? place : null, x0, from).mean().item<float>();
        });
    }
}
