using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PredictorCorrectorSolverTests
{
    private static readonly TimeGrid Small = TimeGrid.FromRatios([3, 1, 0.3, 0]);

    // Each predictor with each corrector at least once, on a grid that suits it: steps even in ln σ, or in the schedule's time.
    public static IEnumerable<object[]> Runs =>
    [
        [new ReverseDiffusionPredictor(), null!, KnownSpacings.Exponential.Grid(KnownSchedules.Ve, 150), KnownForwardChains.Levels],
        [new ReverseDiffusionPredictor(), new LangevinCorrector(0.1, overBatch: true), KnownSpacings.Exponential.Grid(KnownSchedules.Ve, 150), KnownForwardChains.Levels],
        [new ReverseDiffusionPredictor(), new AnnealedLangevinCorrector(0.1), KnownSpacings.Linspace.Grid(KnownSchedules.Vp, 200), KnownForwardChains.Uniform],
        [new ReverseDiffusionPredictor(true), null!, KnownSpacings.Linspace.Grid(KnownSchedules.SubVp, 200), KnownForwardChains.Levels],
        [new ReverseDiffusionPredictor(true), new LangevinCorrector(0.1, overBatch: true), KnownSpacings.Linspace.Grid(KnownSchedules.Vp, 200), KnownForwardChains.Levels],
        [new EulerMaruyamaPredictor(), null!, KnownSpacings.Linspace.Grid(KnownSchedules.Vp, 200), KnownForwardChains.Uniform],
        [new EulerMaruyamaPredictor(true), new AnnealedLangevinCorrector(0.1), KnownSpacings.Linspace.Grid(KnownSchedules.SubVp, 200), KnownForwardChains.Levels],
        [new AncestralPredictor(), null!, KnownSpacings.Trailing.Grid(KnownSchedules.Linear, 250), KnownForwardChains.Levels],
        [new AncestralPredictor(true), new AnnealedLangevinCorrector(0.1, 2), KnownSpacings.Linspace.Grid(KnownSchedules.Vp, 200), KnownForwardChains.Uniform],
        [new AncestralPredictor(), new LangevinCorrector(0.1, 2, overBatch: true), KnownSpacings.Exponential.Grid(KnownSchedules.Edm, 150), KnownForwardChains.Levels],
        [null!, new AnnealedLangevinCorrector(0.2, 3), KnownSpacings.Exponential.Grid(KnownSchedules.Ve, 150), KnownForwardChains.Levels],
    ];

    [TestMethod]
    [DynamicData(nameof(Runs))]
    public void Run_ExactDenoiser_RecoversMeanAndCovariance(IPredictor? predictor, ICorrector? corrector, TimeGrid grid, IForwardChain chain)
    {
        const int Rows = 2_000;
        using var like = ExactMixture.Rows(Rows);
        using var start = PlanRunner.DrawStart(grid, new ScatteredNoise(3), like);
        var plan = new PredictorCorrectorSolver(predictor, corrector, chain).Plan(grid);
        using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(3));
        // Three hundredths for steps of order 1 and for Langevin chains that are not adjusted, whose variance is too large by about snr².
        Moments.AssertMixture(sample, Moments.FourErrors(Rows) + 0.03);
    }

    [TestMethod]
    public void Run_NormsOfEachRow_RecoverTheVarianceInManyDimensions()
    {
        // 64 places of variance ½ around 1: norms hardly vary there, and a chain scaled by them is nearly one of fixed steps.
        const int Rows = 100, Places = 64;
        var covariance = new double[Places, Places];
        for (int i = 0; i < Places; i++)
            covariance[i, i] = 0.5;
        var gaussian = new GaussianMixtureDenoiser([1], [[.. Enumerable.Repeat(1.0, Places)]], [covariance]);
        var plan = new PredictorCorrectorSolver(new ReverseDiffusionPredictor(), new LangevinCorrector(0.1)).Plan(KnownSpacings.Exponential.Grid(KnownSchedules.Ve, 200));
        using var like = zeros(Rows, Places, dtype: float64);
        using var start = PlanRunner.DrawStart(plan.Grid, new ScatteredNoise(3), like);
        using var sample = PlanRunner.Run(plan, gaussian, start, Conditioning.None, new ScatteredNoise(3));
        double[] values = sample.data<double>().ToArray();
        // Four standard errors, and a hundredth each for the corrector's bias, snr², and for steps of order 1.
        Assert.AreEqual(1, values.Average(), 4 * Math.Sqrt(0.5 / values.Length) + 0.02);
        Assert.AreEqual(0.5, values.Average(value => (value - 1) * (value - 1)), 4 * 0.5 * Math.Sqrt(2.0 / values.Length) + 0.02);
    }

    [TestMethod]
    public void Plan_AncestralPredictorOnLevels_IsDdpm()
    {
        foreach (bool large in new[] { false, true })
            foreach (var grid in new[] { KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 20), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 20), KnownSpacings.Linspace.Grid(KnownSchedules.SubVp, 20) })
            {
                using var like = ExactMixture.Rows(5);
                using var start = PlanRunner.DrawStart(grid, new ScatteredNoise(1), like);
                using var ancestral = Run(new PredictorCorrectorSolver(new AncestralPredictor(large), null), grid, start);
                using var ddpm = Run(new DdpmSolver(large ? ReverseVariance.Large : ReverseVariance.Small), grid, start);
                // (x + b²·s)/a and the posterior's mean are the same number, summed otherwise; 1/a is up to 30 at the noisy end.
                Assert.AreEqual(0, Moments.Distance(ancestral, ddpm), 1e-10);
            }
    }

    [TestMethod]
    public void Run_LangevinCorrector_RowsDoNotDependOnTheirNeighbours()
    {
        var noise = new ScatteredNoise(5);
        using var like = ExactMixture.Rows(4);
        using var start = PlanRunner.DrawStart(Small, noise, like);
        using var two = start.narrow(0, 0, 2);
        foreach (bool overBatch in new[] { false, true })
        {
            var plan = new PredictorCorrectorSolver(null, new LangevinCorrector(0.2, 2, overBatch)).Plan(Small);
            using var four = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, noise);
            using var alone = PlanRunner.Run(plan, ExactMixture.Denoiser, two, Conditioning.None, noise);
            using var same = four.narrow(0, 0, 2);
            double distance = Moments.Distance(same, alone);
            // Row by row the arithmetic is the same; means over the batch are as different as the rows' norms.
            Assert.AreEqual(overBatch, distance > 1e-3, $"distance {distance}");
        }
    }

    [TestMethod]
    public void Run_LangevinCorrector_StepsAsTheFormulaSays()
    {
        var grid = TimeGrid.FromRatios([0.8, 0]);
        using var start = tensor(new[,] { { 0.3, -0.5 }, { 1.5, 0.2 } });
        using var z = new ScatteredNoise(1).Normal(1, start);
        double[] x = start.data<double>().ToArray(), draw = z.data<double>().ToArray();
        using var answer = ExactMixture.Denoiser.Denoise(start, new StepContext(new NoiseLevel(1, 0.8)), Conditioning.None).X0;
        double[] score = [.. answer.data<double>().ToArray().Select((x0, i) => (x0 - x[i]) / 0.64)];
        TensorLeak.AssertNone(() =>
        {
            using var sample = Run(new PredictorCorrectorSolver(null, new LangevinCorrector(0.3)), grid, start);
            var got = sample.data<double>().ToArray();
            for (int i = 0; i < got.Length; i++)
            {
                int row = i / 2 * 2;
                // a of the chain is 1 in variance-exploding form.
                double step = 2 * Math.Pow(0.3 * Norm(draw, row) / Norm(score, row), 2);
                // Sums of a handful of numbers of size 1.
                Assert.AreEqual(x[i] + step * score[i] + Math.Sqrt(2 * step) * draw[i], got[i], 1e-13);
            }
        });

        static double Norm(double[] values, int row) => Math.Sqrt(values[row] * values[row] + values[row + 1] * values[row + 1]);
    }

    [TestMethod]
    public void Plan_OfACorrector_CountsEvaluationsAndPrints()
    {
        var plan = new PredictorCorrectorSolver(new ReverseDiffusionPredictor(), new LangevinCorrector(steps: 3)).Plan(Small);
        Assert.AreEqual(3 * (3 + 1), plan.Evaluations);
        // The state, the score in the storage of the answer, and the noise in its new length.
        Assert.AreEqual(3, plan.PeakRegisters);
        Assert.Contains("(‖n0‖/‖x0‖)² x0", plan.ToString());
        Assert.Contains("(mean ‖n0‖/mean ‖x0‖) n0", new PredictorCorrectorSolver(null, new LangevinCorrector(overBatch: true)).Plan(Small).ToString());
    }

    [TestMethod]
    public void Run_AnyPair_LeavesNoTensor()
    {
        using var start = ExactMixture.Rows(3);
        IPredictor?[] predictors = [null, new ReverseDiffusionPredictor(), new EulerMaruyamaPredictor(), new AncestralPredictor()];
        ICorrector?[] correctors = [null, new LangevinCorrector(), new AnnealedLangevinCorrector()];
        foreach (var predictor in predictors)
            foreach (var corrector in correctors.Where(corrector => predictor is not null || corrector is not null))
                TensorLeak.AssertNone(() => Run(new PredictorCorrectorSolver(predictor, corrector), Small, start).Dispose());
    }

    [TestMethod]
    [DataRow("vp")]
    [DataRow("sub-vp")]
    [DataRow("ve")]
    public void Discretize_ChainOfManySteps_HasTheSchedulesMarginals(string kind)
    {
        NoiseSchedule schedule = kind switch { "vp" => new VpSchedule(), "sub-vp" => new SubVpSchedule(), _ => new VeSchedule(0.01, 10) };
        const int Steps = 20_000;
        // Mean and variance of the chain, exactly, from clean data; the sub-VP schedule's f and g begin at 0 too.
        double mean = 1, variance = 0;
        for (int k = 0; k < Steps; k++)
        {
            double t = (k + 0.5) / Steps;
            var (drift, diffusion) = schedule.Discretize(t, Steps);
            mean *= 1 + drift;
            variance = (1 + drift) * (1 + drift) * variance + diffusion * diffusion;
            if (k % 4_000 != 3_999)
                continue;
            var (alpha, sigma) = schedule.At((k + 1.0) / Steps);
            // Chains are of order 1 in a step of 5e-5, with rates up to 20.
            Assert.AreEqual(1, mean / alpha, 2e-3, $"α at step {k}");
            Assert.AreEqual(1, Math.Sqrt(variance) / sigma, 2e-3, $"σ at step {k}");
        }
    }

    [TestMethod]
    public void Constructor_BadInput_SaysWhatWasGot()
    {
        Assert.Contains("neither", Assert.ThrowsExactly<ArgumentException>(() => new PredictorCorrectorSolver(null, null)).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LangevinCorrector(0)).Message);
        Assert.Contains("NaN", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AnnealedLangevinCorrector(double.NaN)).Message);
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LangevinCorrector(steps: 0)).Message);
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AnnealedLangevinCorrector(steps: -1)).Message);
        var flow = KnownSpacings.Trailing.Grid(KnownSchedules.RectifiedFlow, 4);
        Assert.Contains("pure noise", Assert.ThrowsExactly<ArgumentException>(() => KnownSolvers.PredictorCorrector.Plan(flow)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PlanTracer(Small).ScaleByNorms(default, default, default, 3));
    }

    private static Tensor Run(ISolver solver, TimeGrid grid, Tensor start)
        => PlanRunner.Run(solver.Plan(grid), ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1));
}
