namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SamplingPlanTests
{
    public static IEnumerable<object[]> Costs =>
    [
        // Solver, evaluations of 10 steps, draws, tensors alive at once.
        [KnownSolvers.DdpmAncestral, 10, 9, 2],
        [KnownSolvers.Ddim, 10, 0, 2],
        [KnownSolvers.Euler, 10, 0, 2],
        [KnownSolvers.Heun, 19, 0, 4],
        [KnownSolvers.DpmSolverPlusPlus2M, 10, 0, 3],
        [KnownSolvers.EulerAncestral, 10, 9, 2],
        [KnownSolvers.DpmSolver2, 19, 0, 4],
        [KnownSolvers.DpmSolver2Ancestral, 19, 9, 4],
        [KnownSolvers.DpmSolver3, 28, 0, 4],
        [new SinglestepDpmSolver(3) { Evaluations = 20 }, 20, 0, 4],
        [KnownSolvers.Lms, 10, 0, 5],
        [KnownSolvers.DpmSolverPlusPlus2S, 19, 0, 3],
        [KnownSolvers.DpmSolverPlusPlus2SAncestral, 19, 9, 3],
        [KnownSolvers.DpmSolverPlusPlusSde, 19, 18, 3],
        [KnownSolvers.DpmSolverPlusPlus2MSde, 10, 9, 3],
        [KnownSolvers.DpmSolverPlusPlus3M, 10, 0, 4],
        [KnownSolvers.DpmSolverPlusPlus3MSde, 10, 9, 4],
        [KnownSolvers.Midpoint, 20, 0, 3],
        [KnownSolvers.RungeKutta4, 37, 0, 8],
        [new EulerSolver(new StochasticChurn { Amount = 1 }), 10, 10, 2],
        [new HeunSolver(1, new StochasticChurn { Amount = 1, RatioMax = 0 }), 19, 0, 4],
    ];

    [TestMethod]
    [DynamicData(nameof(Costs))]
    public void Plan_TenSteps_KnowsItsCost(ISolver solver, int evaluations, int draws, int registers)
    {
        var plan = solver.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 10));
        Assert.AreEqual(evaluations, plan.Evaluations);
        Assert.AreEqual(draws, plan.CountOf(RegisterKind.Noise));
        Assert.AreEqual(registers, plan.PeakRegisters);
    }

    [TestMethod]
    public void ToString_ShortRun_ReadsAsAlgebra()
    {
        var plan = KnownSolvers.DdpmAncestral.Plan(TimeGrid.FromRatios([2, 1, 0]));
        string expected = """
            2 steps, 2 evaluations, 2 registers, start scale 2
             step         time            α            σ            λ   NFE
                0            1            1            2    -0.693147     0
                1          0.5            1            1            0     1
                2            0            1            0     Infinity     2
            d0 = D(start, (α 1, σ 2))
            x0 = +0.75 d0 +0.25 start +0.866025 n0
            d1 = D(x0, (α 1, σ 1))
            sample = d1
            """;
        Assert.AreEqual(expected.ReplaceLineEndings(), plan.ToString());
    }

    [TestMethod]
    public void ToString_LongRun_LeavesTheMiddleOut()
    {
        var plan = KnownSolvers.Heun.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 100));
        string[] lines = plan.ToString(new() { Title = "mine", MaxLines = 5 }).Split(Environment.NewLine);
        Assert.StartsWith("mine: 100 steps, 199 evaluations", lines[0]);
        // Title, heads, twice five lines and what was left out between them, the sample.
        Assert.HasCount(2 + 6 + 6 + 1, lines);
        Assert.AreEqual("    … 96 more", lines[5]);
        Assert.EndsWith("  199", lines[7]);
        Assert.HasCount(2 + 6, plan.ToString(new() { MaxLines = 5, Instructions = false }).Split(Environment.NewLine));
        Assert.HasCount(2 + 101, plan.ToString(new() { MaxLines = 200, Instructions = false }).Split(Environment.NewLine));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plan.ToString(new() { MaxLines = 1 }));
    }

    [TestMethod]
    public void Describe_Solver_IsItsKindAndParameters()
    {
        Assert.StartsWith("ddim (eta 0.5", new DdimSolver(0.5).Describe());
        Assert.Contains("): 3 steps, 3 evaluations", KnownSolvers.Ddim.Describe(KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 3)));
        Assert.AreEqual("OwnSolver", new OwnSolver().Describe());
    }

    [TestMethod]
    public void Plan_EveryEvaluation_SaysWhereTheStepGoesAndWhatItAdds()
    {
        var grid = KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 5);
        var evaluations = KnownSolvers.DdpmAncestral.Plan(grid).Instructions.OfType<Evaluate>().ToArray();
        for (int i = 0; i < 5; i++)
        {
            Assert.AreEqual(grid.Levels[i], evaluations[i].Level);
            Assert.AreEqual(grid.Times[i], evaluations[i].Time);
            Assert.AreEqual(grid.Levels[i + 1], evaluations[i].Target);
            double ratio = grid.Levels[i + 1].Ratio / grid.Levels[i].Ratio;
            // β̃ = σ_next²·(1 − (r_next/r)²): rounding.
            Assert.AreEqual(Math.Pow(grid.Levels[i + 1].Sigma, 2) * (1 - ratio * ratio), evaluations[i].NoiseVariance, 1e-13);
        }
    }

    [TestMethod]
    public void Finish_CoefficientNotFinite_NamesTheInstruction()
    {
        var grid = TimeGrid.FromRatios([2, 1]);
        var trace = new PlanTracer(grid);
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => trace.Finish(double.NaN * trace.Start));
        Assert.Contains("not finite", exception.Message);
        Assert.Contains("start", exception.Message);
    }

    [TestMethod]
    public void LinearExpression_TermsThatCancel_Vanish()
    {
        var trace = new PlanTracer(TimeGrid.FromRatios([2, 1]));
        var noise = trace.Noise();
        var sum = 2 * trace.Start + noise - noise / 1 + 0 * trace.Noise();
        Assert.HasCount(1, sum.Terms.ToArray());
        Assert.AreEqual(2, sum.Terms[0].Coefficient);
        Assert.AreEqual("0", (sum - sum).ToString());
    }

    private sealed class OwnSolver : ISolver
    {
        public SamplingPlan Plan(TimeGrid grid) => KnownSolvers.Ddim.Plan(grid);
    }
}
