using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class InpaintingTests
{
    private static readonly TimeGrid Grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 12);

    public static IEnumerable<object[]> Solvers =>
    [
        [KnownSolvers.DdpmAncestral], [KnownSolvers.Ddim], [new DdimSolver(0.5)], [KnownSolvers.Euler], [KnownSolvers.Heun],
        [KnownSolvers.DpmSolverPlusPlus2M], [new HeunSolver(0.5, new StochasticChurn { Amount = 3 })],
    ];

    [TestMethod]
    [DynamicData(nameof(Solvers))]
    public void Plan_NothingKept_IsTheSolver(ISolver solver)
    {
        double[] expected = Sample(solver.Plan(Grid), null), actual = Sample(Inpainting.Plan(solver, Grid), 1);
        Assert.AreSequenceEqual(expected, actual);
    }

    [TestMethod]
    [DynamicData(nameof(Solvers))]
    public void Plan_AllKept_IsTheSource(ISolver solver)
    {
        foreach (var resampling in new[] { null, new Resampling(3, 2) })
            foreach (double value in Sample(Inpainting.Plan(solver, Grid, resampling), 0))
                Assert.AreEqual(0.25, value);
    }

    [TestMethod]
    [DynamicData(nameof(Solvers))]
    public void Plan_AnySolver_EvaluatesAsOftenAsWithout(ISolver solver)
        => Assert.AreEqual(solver.Plan(Grid).Evaluations, Inpainting.Plan(solver, Grid).Evaluations);

    [TestMethod]
    public void Plan_OneCoordinateKept_ResamplingBringsTheOtherNearerToItsConditional()
    {
        // Where the first coordinate is −1 the left part alone has mass: the second has the mean 0.5 there and the variance 0.15 − 0.08²/0.2 = 0.118.
        var (mean, variance) = FillSecond(null);
        var (resampledMean, resampledVariance) = FillSecond(new Resampling(5, 5));
        Console.WriteLine(FormattableString.Invariant($"replacement {mean:f3}, {variance:f3}; resampled {resampledMean:f3}, {resampledVariance:f3}"));
        Assert.IsLessThan(Math.Abs(mean - 0.5), Math.Abs(resampledMean - 0.5));
        // A finite number of jumps leaves a bias of some hundredths; the sampling errors are 0.01 and 0.005.
        Assert.AreEqual(0.5, resampledMean, 0.06);
        Assert.AreEqual(0.118, resampledVariance, 0.05);
    }

    [TestMethod]
    public void Run_Twice_LeavesNoTensor()
    {
        var plan = Inpainting.Plan(KnownSolvers.Heun, Grid, new Resampling(4, 2));
        using var like = ExactMixture.Rows(3);
        using var mask = ones_like(like);
        TensorLeak.AssertNone(() =>
        {
            using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, like, Conditioning.None, new ScatteredNoise(1), [mask, like]);
        });
    }

    // The mean and variance of the second coordinate where the first is kept at −1.
    private static (double Mean, double Variance) FillSecond(Resampling? resampling)
    {
        const int rows = 1000;
        var plan = Inpainting.Plan(KnownSolvers.DdpmAncestral, KnownSpacings.Karras.Grid(KnownSchedules.Edm, 40), resampling);
        using var like = ExactMixture.Rows(rows);
        using var source = full_like(like, -1);
        using var mask = tensor(new double[] { 0, 1 }).expand(rows, 2);
        var noise = new ScatteredNoise(3);
        using var start = PlanRunner.DrawStart(plan.Grid, noise, like);
        using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, noise, [mask, source]);
        double[] filled = [.. sample.data<double>().ToArray().Where((_, i) => i % 2 == 1)];
        double mean = filled.Average();
        return (mean, filled.Average(value => (value - mean) * (value - mean)));
    }

    // From noise; with a constant mask over a constant source where one is given.
    private static double[] Sample(SamplingPlan plan, double? mask)
    {
        using var like = ExactMixture.Rows(5);
        var noise = new ScatteredNoise(2);
        using var start = PlanRunner.DrawStart(plan.Grid, noise, like);
        using var source = full_like(like, 0.25);
        using var masks = full_like(like, mask ?? 0);
        using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, noise, mask is null ? [] : [masks, source]);
        return sample.data<double>().ToArray();
    }
}
