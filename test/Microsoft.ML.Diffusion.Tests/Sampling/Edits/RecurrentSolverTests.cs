using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class RecurrentSolverTests
{
    private static readonly TimeGrid Karras = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 12);

    public static IEnumerable<object[]> SingleSteps =>
    [
        [KnownSolvers.Ddim], [KnownSolvers.DdpmAncestral], [new DdpmSolver(ReverseVariance.Learned)], [KnownSolvers.EulerAncestral], [new DdimSolver(double.PositiveInfinity)],
        [KnownSolvers.Heun], [KnownSolvers.RungeKutta4], [KnownSolvers.DpmSolverPlusPlus2S], [KnownSolvers.DpmSolverPlusPlusSde], [KnownSolvers.PredictorCorrector],
        [new PredictorCorrectorSolver(new EulerMaruyamaPredictor(), new LangevinCorrector())], [KnownSolvers.Consistency],
    ];

    public static IEnumerable<object[]> OtherRuns =>
    [
        [KnownSolvers.DpmSolverPlusPlus2M], [KnownSolvers.Lms], [KnownSolvers.UniPc], [KnownSolvers.Deis], [KnownSolvers.Pndm], [KnownSolvers.DpmSolverPlusPlus2MSde],
        [KnownSolvers.AnnealedLangevin], [new HeunSolver(churn: new StochasticChurn { Amount = 4 })],
    ];

    [TestMethod]
    [DynamicData(nameof(SingleSteps))]
    public void Plan_StepsThatStandAlone_AskSoOftenAndDrawBetween(ISolver solver)
    {
        SamplingPlan once = solver.Plan(Karras), plan = new RecurrentSolver(solver, 3).Plan(Karras);
        Assert.AreEqual(3 * once.Evaluations, plan.Evaluations);
        Assert.AreEqual(3 * Draws(once) + 2 * Karras.Steps, Draws(plan));
    }

    [TestMethod]
    [DynamicData(nameof(OtherRuns))]
    public void Plan_StepsThatDoNot_RefusedByName(ISolver solver)
        => Assert.Contains($"A run of {solver.GetType().Name} is more", Assert.ThrowsExactly<ArgumentException>(() => new RecurrentSolver(solver, 2).Plan(Karras)).Message);

    [TestMethod]
    [DynamicData(nameof(SingleSteps))]
    [DynamicData(nameof(OtherRuns))]
    public void WithRecurrence_One_IsTheSolverItself(ISolver solver)
    {
        Assert.AreSame(solver, ((ISampler)solver).WithRecurrence(1));
        Assert.AreEqual(solver.Plan(Karras).ToString(), new RecurrentSolver(solver, 1).Plan(Karras).ToString());
    }

    [TestMethod]
    public void WithRecurrence_SamplerWithoutPlan_RefusedByName()
    {
        Assert.AreSame(KnownSolvers.AdaptiveOde, KnownSolvers.AdaptiveOde.WithRecurrence(1));
        foreach (var sampler in new[] { KnownSolvers.AdaptiveOde, KnownSolvers.AnnealedMala, KnownSolvers.DpmAdaptive })
            Assert.Contains(sampler.GetType().Name, Assert.ThrowsExactly<ArgumentException>(() => sampler.WithRecurrence(2)).Message);
        Assert.AreEqual(2, ((RecurrentSolver)((ISampler)KnownSolvers.Ddim).WithRecurrence(2)).Count);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Run_ExactDenoiser_KeepsTheDistribution(int count)
    {
        const int rows = 4096;
        // Heun's steps are exact to 1e-3 here, and noising an exact state again keeps it exact.
        var plan = new RecurrentSolver(KnownSolvers.Heun, count).Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 18));
        var noise = new ScatteredNoise(11);
        using var like = ExactMixture.Rows(rows);
        using var start = PlanRunner.DrawStart(plan.Grid, noise, like);
        using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, noise);
        Moments.AssertMixture(sample, Moments.FourErrors(rows) + 1e-3);
    }

    [TestMethod]
    public void Plan_PureNoiseAndCleanEnds_AreFinite()
    {
        // Rectified flow starts at α = 0, from where nothing but noise is left to go back to.
        var grid = KnownSpacings.Linspace.Grid(KnownSchedules.RectifiedFlow, 4);
        var plan = new RecurrentSolver(KnownSolvers.Ddim, 2).Plan(grid);
        Assert.AreEqual(8, plan.Evaluations);
        using var start = ExactMixture.Rows(64);
        using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(2));
        Assert.IsTrue(sample.data<double>().ToArray().All(double.IsFinite));
        // The second time at pure noise nothing is left of the first: the rows, all alike at the start, differ.
        Assert.HasCount(64, sample.data<double>().ToArray().Where((_, i) => i % 2 == 0).Distinct());
    }

    [TestMethod]
    public void Inpainting_RecurrentSolver_KeepsTheSourceAndDrawsItsOwnFirst()
    {
        var plan = Inpainting.Plan(new RecurrentSolver(KnownSolvers.DdpmAncestral, 2), Karras);
        using var scope = NewDisposeScope();
        var source = tensor([0.3, -0.7, 1.1, 0.2], 2, 2);
        var mask = tensor([1.0, 0, 1, 0], 2, 2);
        var noise = new ScatteredNoise(3);
        var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, PlanRunner.DrawStart(Karras, noise, source), Conditioning.None, noise, [mask, source]);
        double[] kept = source.data<double>().ToArray(), made = sample.data<double>().ToArray();
        Assert.AreEqual(2 * Karras.Steps, plan.Evaluations);
        Assert.AreEqual((kept[1], kept[3]), (made[1], made[3]));
        Assert.AreNotEqual(kept[0], made[0]);
    }

    [TestMethod]
    public void Json_RoundTrip_KeepsSolverAndCount()
    {
        var read = (RecurrentSolver)ModelJson.Read<ISampler>(ModelJson.Write<ISampler>(new RecurrentSolver(new DdimSolver(0.5), 3)));
        Assert.AreEqual((0.5, 3), (((DdimSolver)read.Solver).Eta, read.Count));
        Assert.AreEqual(0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RecurrentSolver(KnownSolvers.Ddim, 0)).ActualValue);
    }

    private static int Draws(SamplingPlan plan)
        => plan.Instructions.SelectMany(instruction => Enumerable.Range(0, instruction.SourceCount).Select(instruction.SourceAt)).Where(source => source.Kind == RegisterKind.Noise).Distinct().Count();
}
