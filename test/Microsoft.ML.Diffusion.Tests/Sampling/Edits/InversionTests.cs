using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class InversionTests
{
    private static readonly TimeGrid Karras = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 20);

    // The median over 128 numbers of what a number differs when it came back; the data's deviation is near 1. Measured, with a margin of 3.
    public static IEnumerable<object[]> RoundTrips =>
    [
        [KnownSolvers.Ddim, Karras, 4, 1e-3],
        [KnownSolvers.Ddim, Karras, 16, 1e-10],
        [KnownSolvers.Heun, Karras, 16, 1e-10],
        [KnownSolvers.Ddim, KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 20), 16, 1e-12],
        [KnownSolvers.Ddim, KnownSpacings.Linspace.Grid(KnownSchedules.RectifiedFlow, 20), 16, 1e-3],
        [KnownSolvers.Ddim, KnownSpacings.Linspace.Grid(KnownSchedules.Linear, 50), 4, 3e-4],
        [KnownSolvers.Euler, KnownSpacings.Linspace.Grid(KnownSchedules.Linear, 50), 16, 4e-6],
    ];

    [TestMethod]
    [DynamicData(nameof(RoundTrips))]
    public void Plan_SampledAgain_BringsTheDataBack(ISolver solver, TimeGrid grid, int refinements, double tolerance)
    {
        double[] errors = RoundTrip(solver, grid, refinements);
        Console.WriteLine(FormattableString.Invariant($"median {errors[errors.Length / 2]:e1}, 95 % below {errors[errors.Length * 95 / 100]:e1}, largest {errors[^1]:e1}"));
        Assert.IsLessThan(tolerance, errors[errors.Length / 2]);
    }

    [TestMethod]
    public void Plan_MoreRefinements_ErrorFallsGeometrically()
    {
        double[] medians = [.. new[] { 0, 2, 4, 8 }.Select(refinements => RoundTrip(KnownSolvers.Ddim, Karras, refinements)[64])];
        // Each refinement at least thirds it: the slopes of these steps lie between 0.65 and 1.
        for (int i = 1; i < medians.Length; i++)
            Assert.IsLessThan(medians[i - 1] / 9, medians[i]);
    }

    [TestMethod]
    public void Plan_Evaluations_AreOneAStepAndSearch()
        => Assert.AreEqual(20 * 5, Inversion.Plan(KnownSolvers.Ddim, Karras, 4).Evaluations);

    [TestMethod]
    public void Plan_StochasticSolver_IsRefused()
    {
        foreach (var solver in new ISolver[] { KnownSolvers.DdpmAncestral, new DdimSolver(0.1), new EulerSolver(new StochasticChurn { Amount = 1 }) })
            Assert.Contains("draws noise", Assert.ThrowsExactly<ArgumentException>(() => Inversion.Plan(solver, Karras, 0)).Message);
    }

    [TestMethod]
    public void Plan_MultistepSolver_IsRefused()
    {
        foreach (var solver in new[] { KnownSolvers.DpmSolverPlusPlus2M, KnownSolvers.Lms, KnownSolvers.UniPc, new UniPcSolver(1) })
            Assert.Contains("depend on those before", Assert.ThrowsExactly<ArgumentException>(() => Inversion.Plan(solver, Karras, 0)).Message);
    }

    [TestMethod]
    public void Plan_NegativeRefinements_IsRefused()
        => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Inversion.Plan(KnownSolvers.Ddim, Karras, -1));

    // The errors of all numbers, rising.
    private static double[] RoundTrip(ISolver solver, TimeGrid grid, int refinements)
    {
        var noise = new ScatteredNoise(5);
        // Data of the mixture: what an accurate solver makes of noise.
        var accurate = KnownSolvers.Heun.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 40));
        using var like = ExactMixture.Rows(64);
        using var start = PlanRunner.DrawStart(accurate.Grid, noise, like);
        using var data = PlanRunner.Run(accurate, ExactMixture.Denoiser, start, Conditioning.None, noise);
        using var latent = PlanRunner.Run(Inversion.Plan(solver, grid, refinements), ExactMixture.Denoiser, data, Conditioning.None, noise);
        using var back = PlanRunner.Run(solver.Plan(grid), ExactMixture.Denoiser, latent, Conditioning.None, noise);
        using var difference = back.sub(data);
        using var error = difference.abs();
        return [.. error.data<double>().ToArray().Order()];
    }
}
