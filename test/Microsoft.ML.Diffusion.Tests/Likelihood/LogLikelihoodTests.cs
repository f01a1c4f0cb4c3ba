using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LogLikelihoodTests
{
    private static readonly double[] Data = [-1.1, 0.6, 0.9, -0.3, 0.1, 0.2, 1.5, -1.2];

    public static IEnumerable<object[]> Schedules =>
    [
        [new EdmSchedule()], [new VpSchedule()], [new SubVpSchedule()], [new VeSchedule()], [new RectifiedFlowSchedule()], [new LinearBetaSchedule()], [new CosineSchedule()],
    ];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Compute_ExactTrace_IsTheClosedFormOfTheMixture(NoiseSchedule schedule)
    {
        var grid = schedule.DefaultSpacing.Grid(schedule, 2);
        using var x = tensor(Data, [4, 2]);
        using var expected = ExactMixture.Denoiser.LogDensity(x, LogLikelihood.DataLevel(grid));
        using var result = new LogLikelihood().Compute(grid, ExactMixture.Denoiser, x, Conditioning.None, new ScatteredNoise(1));
        // Of the noisiest level a little is data still, which the prior leaves out: with the level's own density instead, what remains is the integration's error.
        using var ends = ExactMixture.Denoiser.LogDensity(result.Latent, grid.Levels[0]);
        double deviation = grid.PriorScale;
        for (int row = 0; row < 4; row++)
        {
            double[] z = [.. result.Latent.data<double>().Skip(2 * row).Take(2)];
            double prior = -z.Sum(value => value * value) / (2 * deviation * deviation) - 2 * Math.Log(deviation * Math.Sqrt(2 * Math.PI));
            double exact = expected.data<double>()[row], got = result.LogDensity.data<double>()[row];
            Assert.AreEqual(exact, got + ends.data<double>()[row] - prior, 1e-3);
            // The prior itself is as good where nothing of the data is left.
            Assert.AreEqual(exact, got, grid.Levels[0].Alpha == 0 ? 1e-3 : 2 * Math.Abs(ends.data<double>()[row] - prior) + 1e-3);
            Assert.AreEqual(ends.data<double>()[row], prior, 0.02);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Compute_PriorIsTheMarginal_AgreesToTheTolerance(bool follows)
    {
        // One Gaussian is a Gaussian at every level, so that the prior can be told exactly.
        var normal = new GaussianMixtureDenoiser([1], [[0.0, 0.0]], [new[,] { { 0.5, 0 }, { 0, 0.5 } }]);
        var schedule = new VpSchedule();
        var grid = follows ? new TimeGrid(schedule, [1, 1e-3]) : new TimeGrid(schedule, [1, 1e-3], [schedule.At(1), schedule.At(1e-3)]);
        var (alpha, sigma) = schedule.At(1);
        using var x = tensor(Data, [4, 2]);
        using var expected = normal.LogDensity(x, schedule.At(1e-3));
        var likelihood = new LogLikelihood(new LogLikelihoodOptions { PriorDeviation = Math.Sqrt(0.5 * alpha * alpha + sigma * sigma), Stepping = Tight });
        using var result = likelihood.Compute(grid, normal, x, Conditioning.None, new ScatteredNoise(1));
        for (int row = 0; row < 4; row++)
            // Tolerances of 1e-9, times some.
            Assert.AreEqual(expected.data<double>()[row], result.LogDensity.data<double>()[row], 1e-7);
    }

    [TestMethod]
    [DynamicData(nameof(AllProbes))]
    public void Compute_Probes_AreUnbiased(ProbeDistribution probes)
    {
        const int Copies = 400;
        var grid = TimeGrid.FromRatios([20, 0.1]);
        using var x = tensor((double[])[.. Enumerable.Repeat(new[] { 0.4, 0.1 }, Copies).SelectMany(row => row)], [Copies, 2]);
        double exact = Densities(new LogLikelihood(), grid, x)[0];
        double[] estimates = Densities(new LogLikelihood(new LogLikelihoodOptions { ExactDimensions = 0, Probes = probes }), grid, x);
        double mean = estimates.Average(), deviation = Math.Sqrt(estimates.Average(estimate => (estimate - mean) * (estimate - mean)) / Copies);
        // Four standard errors; and they must vary, or nothing was estimated.
        Assert.AreEqual(exact, mean, 4 * deviation);
        Assert.IsGreaterThan(1e-3, deviation);
        double[] averaged = Densities(new LogLikelihood(new LogLikelihoodOptions { ExactDimensions = 0, Probes = probes, ProbeCount = 8 }), grid, x);
        double spread = Math.Sqrt(averaged.Average(estimate => (estimate - exact) * (estimate - exact)) / Copies);
        // A third is expected of eight probes.
        Assert.IsLessThan(0.6 * deviation, spread);
    }

    public static IEnumerable<object[]> AllProbes => [[KnownProbes.Rademacher], [KnownProbes.Gaussian], [KnownProbes.Sphere]];

    [TestMethod]
    public void Compute_LatentThroughTheSampler_ComesBackToTheData()
    {
        var grid = new TimeGrid(new VpSchedule(), [1, 1e-2]);
        using var x = tensor(Data, [4, 2]);
        using var there = new LogLikelihood(new LogLikelihoodOptions { Stepping = Tight }).Compute(grid, ExactMixture.Denoiser, x, Conditioning.None, new ScatteredNoise(1));
        using var back = new AdaptiveOdeSampler(Tight).Prepare(grid).Run(ExactMixture.Denoiser, there.Latent, Conditioning.None, new ScatteredNoise(1));
        for (int i = 0; i < Data.Length; i++)
            // Tolerances of 1e-9 on both ways, of which the way back stretches the first's by up to 100.
            Assert.AreEqual(Data[i], back.data<double>()[i], 1e-6);
    }

    [TestMethod]
    public void Compute_RowAlone_IsTheRowOfTheBatch()
    {
        var grid = TimeGrid.FromRatios([20, 0.1]);
        var likelihood = new LogLikelihood(new LogLikelihoodOptions { ExactDimensions = 0 });
        using var x = tensor(Data, [4, 2]);
        double[] all = Densities(likelihood, grid, x);
        for (int row = 0; row < 4; row++)
        {
            using var one = tensor(Data.AsSpan(2 * row, 2).ToArray(), [1, 2]);
            using var result = likelihood.Compute(grid, ExactMixture.Denoiser, one, Conditioning.None, new RowNoise(3, [new RowKey((ulong)row)]));
            Assert.AreEqual(all[row], result.LogDensity.data<double>()[0], 1e-12);
        }
    }

    [TestMethod]
    public void Compute_Network_TraceIsThatOfItsDifferences()
    {
        var shape = new DataShape(3);
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16, Blocks = 2 }, shape, trainable: false);
        var grid = TimeGrid.FromRatios([5, 0.5]);
        using var x = TestNetworks.Rows(shape, 3);
        var exact = new LogLikelihood(new LogLikelihoodOptions { Stepping = new AdaptiveStepping { RelativeTolerance = 1e-6, AbsoluteTolerance = 1e-6 } });
        using var result = exact.Compute(grid, denoiser, x, TestNetworks.Conditions(3), new ScatteredNoise(1));
        Assert.AreSequenceEqual([3L], result.LogDensity.shape);
        // The change of volume along the flow, from flows of neighbours: |det ∂z/∂x|.
        const double Step = 1e-2;
        for (int row = 0; row < 3; row++)
        {
            var jacobian = new double[3, 3];
            for (int j = 0; j < 3; j++)
            {
                double[] up = Latent(row, j, Step), down = Latent(row, j, -Step);
                for (int i = 0; i < 3; i++)
                    jacobian[i, j] = (up[i] - down[i]) / (2 * Step);
            }
            double[] z = [.. result.Latent.data<double>().Skip(3 * row).Take(3)];
            double prior = -z.Sum(value => value * value) / 50 - 3 * Math.Log(5 * Math.Sqrt(2 * Math.PI));
            double volume = Math.Log(Math.Abs(MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseOfArray(jacobian).Determinant()));
            // Single precision of 1e-6 over a step of 1e-2, and the curvature of the flow.
            Assert.AreEqual(prior + volume, result.LogDensity.data<double>()[row], 5e-3);
        }

        double[] Latent(int row, int place, double step)
        {
            using var moved = x.clone();
            moved[row, place] = x[row, place] + step;
            using var flow = exact.Compute(grid, denoiser, moved, TestNetworks.Conditions(3), new ScatteredNoise(1));
            return [.. flow.Latent.data<double>().Skip(3 * row).Take(3)];
        }
    }

    [TestMethod]
    public void Compute_DenoiserWithoutGradient_IsRefusedBeforeLibtorchEnds()
    {
        using var x = tensor(Data, [4, 2]);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => new LogLikelihood().Compute(TimeGrid.FromRatios([20, 0.1]), new DetachedDenoiser(), x, Conditioning.None, new ScatteredNoise(1)));
        Assert.Contains("records no gradient", e.Message);
    }

    [TestMethod]
    public void Compute_AtOnceOrFailing_LeavesNoTensor()
    {
        using var x = tensor(Data, [4, 2]);
        var grid = TimeGrid.FromRatios([20, 0.1]);
        foreach (int exact in new[] { 0, 2 })
        {
            var likelihood = new LogLikelihood(new LogLikelihoodOptions { ExactDimensions = exact, ProbeCount = 2 });
            TensorLeak.AssertNone(() => likelihood.Compute(grid, ExactMixture.Denoiser, x, Conditioning.None, new ScatteredNoise(1)).Dispose());
        }
        var short_ = new LogLikelihood(new LogLikelihoodOptions { Stepping = new AdaptiveStepping { MaxEvaluations = 9 } });
        TensorLeak.AssertNone(() => Assert.ThrowsExactly<InvalidOperationException>(() => short_.Compute(grid, ExactMixture.Denoiser, x, Conditioning.None, new ScatteredNoise(1))));
    }

    [TestMethod]
    public void BitsPerDimension_UniformBytes_IsEight()
    {
        // Uniform over 256 bins of width 1, or of width 2/255.
        Assert.AreEqual(8, LogLikelihood.BitsPerDimension(-3 * Math.Log(256), 3), 1e-12);
        Assert.AreEqual(8, LogLikelihood.BitsPerDimension(-3 * Math.Log(512.0 / 255), 3, 2.0 / 255), 1e-12);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LogLikelihood.BitsPerDimension(0, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LogLikelihood.BitsPerDimension(0, 1, 0));
    }

    [TestMethod]
    public void Options_OutOfRange_NameTheValue()
    {
        Assert.AreEqual(-1, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogLikelihoodOptions { ExactDimensions = -1 }).ActualValue);
        Assert.AreEqual(0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogLikelihoodOptions { ProbeCount = 0 }).ActualValue);
        Assert.AreEqual(0.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogLikelihoodOptions { PriorDeviation = 0 }).ActualValue);
    }

    private static AdaptiveStepping Tight { get; } = new() { RelativeTolerance = 1e-9, AbsoluteTolerance = 1e-9 };

    private static double[] Densities(LogLikelihood likelihood, TimeGrid grid, Tensor x)
    {
        var rows = new RowNoise(3, [.. Enumerable.Range(0, (int)x.size(0)).Select(row => new RowKey((ulong)row))]);
        using var result = likelihood.Compute(grid, ExactMixture.Denoiser, x, Conditioning.None, rows);
        return [.. result.LogDensity.data<double>()];
    }

    private sealed class DetachedDenoiser : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var off = no_grad();
            return ExactMixture.Denoiser.Denoise(x, step, condition);
        }
    }
}
