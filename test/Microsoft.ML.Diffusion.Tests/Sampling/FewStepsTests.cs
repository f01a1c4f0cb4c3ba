using System.Reflection;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>One, two and three steps: every ready sampler, every spacing, on the exact denoiser of a Gaussian.</summary>
[TestClass]
public sealed class FewStepsTests
{
    private const int Rows = 512;

    // One Gaussian of mean (0.5, −0.3) and deviations 0.5 and 0.3.
    private static readonly GaussianMixtureDenoiser Denoiser = new([1], [[0.5, -0.3]], [new[,] { { 0.25, 0 }, { 0, 0.09 } }]);

    private static readonly (NoiseSchedule Schedule, TimeSpacing Spacing)[] Grids =
    [
        .. new[] { KnownSpacings.Trailing, KnownSpacings.Leading, KnownSpacings.Linspace, KnownSpacings.Karras, KnownSpacings.Exponential, KnownSpacings.FractionalLinspace, KnownSpacings.LogSnr, KnownSpacings.Beta }
            .Select(spacing => (KnownSchedules.ScaledLinear, spacing)),
        (KnownSchedules.Edm, KnownSpacings.Karras), (KnownSchedules.RectifiedFlow, KnownSpacings.Trailing), (KnownSchedules.ZeroTerminalSnr, KnownSpacings.Trailing),
    ];

    // Chains at each level need many levels: with few they are only finite.
    private static readonly string[] Chains = [nameof(KnownSolvers.AnnealedLangevin), nameof(KnownSolvers.AnnealedMala), nameof(KnownSolvers.PredictorCorrector)];

    // Explicit methods of higher order in every step, one over the whole range of noise too, and even weights on uneven steps: they are at most half again as wide as the noise from which they start.
    private static readonly string[] Stages =
    [
        nameof(KnownSolvers.Heun), nameof(KnownSolvers.Midpoint), nameof(KnownSolvers.RungeKutta4), nameof(KnownSolvers.DpmSolver2), nameof(KnownSolvers.DpmSolver2Ancestral),
        nameof(KnownSolvers.DpmSolver3), nameof(KnownSolvers.Pndm), nameof(KnownSolvers.Plms),
    ];

    public static IEnumerable<object[]> Samplers => typeof(KnownSolvers).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => new object[] { property.Name });

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Run_OneTwoAndThreeSteps_FiniteAndAboutTheData(string name)
    {
        var sampler = (ISampler)typeof(KnownSolvers).GetProperty(name)!.GetValue(null)!;
        int runs = 0;
        foreach (var (schedule, spacing) in Grids)
            for (int steps = 1; steps <= 3; steps++)
            {
                var grid = spacing.Grid(schedule, steps);
                if (TryPrepare(sampler, grid) is not { } program)
                    continue;
                runs++;
                using var scope = NewDisposeScope();
                var noise = new ScatteredNoise(7);
                var start = PlanRunner.DrawStart(grid, noise, zeros(Rows, 2, dtype: float64));
                var sample = program.Run(new WithVariance(Denoiser), start, Conditioning.None, noise);
                string what = $"{name}, {spacing.GetType().Name} on {schedule.GetType().Name}, {steps} steps";
                Assert.IsTrue(sample.isfinite().all().item<bool>(), what);
                if (Chains.Contains(name))
                    continue;
                // Too wide or too narrow by the error of so few steps, and where the run starts below the noisiest level; but about the data, whose deviation is 0.5.
                double mean = sample.select(1, 0).mean().item<double>(), deviation = sample.select(1, 0).std().item<double>();
                double widest = Stages.Contains(name) && grid.Levels[0].Alpha > 0 ? Math.Max(1.2, 1.5 * grid.Levels[0].Ratio) : 1.2;
                Assert.IsLessThan(widest, deviation, $"deviation of {what}");
                // Four standard errors beside.
                Assert.AreEqual(0.5, mean, 0.5 + 4 * deviation / Math.Sqrt(Rows), $"mean of {what}");
            }
        Assert.IsGreaterThanOrEqualTo(Grids.Length, runs, $"{name} ran on {runs} of {3 * Grids.Length} grids");
    }

    [TestMethod]
    [DataRow(100, 0.29, 29)]
    [DataRow(100, 0.57, 57)]
    [DataRow(100, 0.58, 58)]
    [DataRow(50, 0.14, 7)]
    [DataRow(3, 1.0 / 3, 1)]
    [DataRow(49, 1.0 / 49, 1)]
    [DataRow(20, 0.04, 0)]
    [DataRow(20, 0.05, 1)]
    [DataRow(20, 0.999, 19)]
    [DataRow(20, 1.0, 20)]
    [DataRow(20, 0.0, 0)]
    public void Rest_Fraction_HasTheStepsItNames(int steps, double strength, int expected)
    {
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, steps);
        Assert.AreEqual(expected, ImageToImage.Rest(grid, strength)?.Steps ?? 0);
    }

    [TestMethod]
    public void Rest_EveryHundredth_IsExact()
    {
        for (int percent = 0; percent <= 100; percent++)
            for (int hundreds = 1; hundreds <= 10; hundreds++)
                Assert.AreEqual(percent * hundreds, ImageToImage.StepsOf(100 * hundreds, percent / 100.0));
    }

    [TestMethod]
    public void Discretize_EveryStepOfAChain_IsItsOwnLink()
    {
        // (k/(N − 1))·(N − 1) is not always k: the link before it would be taken, which leads elsewhere.
        var schedule = new LinearBetaSchedule();
        for (int k = 1; k < schedule.Steps; k++)
            Assert.AreEqual(Math.Sqrt(1 - schedule.Betas[k]) - 1, schedule.Discretize(schedule.TimeOfStep(k), schedule.Steps).Drift, 1e-9, $"{k}");
    }

    // Null where the sampler says that it can not start at pure noise, or from this grid.
    private static ISamplingProgram? TryPrepare(ISampler sampler, TimeGrid grid)
    {
        try
        {
            return sampler.Prepare(grid);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException && (grid.Levels[0].Alpha == 0 || exception.Message.Contains("clean", StringComparison.Ordinal)))
        {
            return null;
        }
    }

    // The variance half-way between its bounds, for solvers that take it from the network.
    private sealed class WithVariance(IDenoiser inner) : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var place = zeros_like(x);
            return inner.Denoise(x, step, condition) with { LogVariance = VarianceRange.LogVariance(place, step) };
        }
    }
}
