using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class AnnealedLangevinSolverTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_ExactDenoiser_RecoversMeanAndCovariance(bool preserving)
    {
        const int Rows = 2_000;
        // Levels that fall by a factor of 1.1: neighbours overlap (NCSNv2, technique 2).
        double[] ratios = [.. Enumerable.Range(0, 70).Select(i => 8 * Math.Pow(1.1, -i)), 0];
        var grid = TimeGrid.FromRatios(ratios);
        if (preserving)
            grid = new TimeGrid(KnownSchedules.Vp, grid.Times, [.. ratios.Select(ratio => new NoiseLevel(1 / Math.Sqrt(1 + ratio * ratio), ratio / Math.Sqrt(1 + ratio * ratio)))]);
        using var like = ExactMixture.Rows(Rows);
        using var start = PlanRunner.DrawStart(grid, new ScatteredNoise(2), like);
        using var sample = PlanRunner.Run(new AnnealedLangevinSolver(0.1, 8).Plan(grid), ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(2));
        // Langevin chains that are not adjusted widen a level's noise by a share of about ε/4; most of it dies with the level.
        Moments.AssertMixture(sample, Moments.FourErrors(Rows) + 0.04);
    }

    [TestMethod]
    public void Plan_GridOfAnyEnd_VisitsEachNoisyLevelAndDenoisesAtCleanData()
    {
        var solver = new AnnealedLangevinSolver(stepsPerLevel: 3);
        Assert.AreEqual(2 * 3 + 1, solver.Plan(TimeGrid.FromRatios([2, 1, 0])).Evaluations);
        Assert.AreEqual(2 * 3, solver.Plan(TimeGrid.FromRatios([2, 1])).Evaluations);
        Assert.AreEqual(RegisterKind.Denoised, solver.Plan(TimeGrid.FromRatios([2, 1, 0])).Output.Kind);
    }

    [TestMethod]
    public void Plan_BadInput_SaysWhatWasGot()
    {
        foreach (double stepSize in new[] { 0, -1, 2, double.NaN })
            Assert.Contains("(0, 2)", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AnnealedLangevinSolver(stepSize)).Message);
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AnnealedLangevinSolver(stepsPerLevel: 0)).Message);
        var flow = KnownSpacings.Trailing.Grid(KnownSchedules.RectifiedFlow, 4);
        Assert.Contains("pure noise", Assert.ThrowsExactly<ArgumentException>(() => KnownSolvers.AnnealedLangevin.Plan(flow)).Message);
    }
}
