using System.Reflection;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ModelJsonTests
{
    private static readonly StochasticChurn Churn = new() { Amount = 3, RatioMin = 0.1, NoiseScale = 1.01 };

    // One value of each kind, with nothing at its default.
    internal static readonly NoiseSchedule[] Schedules = [new EdmSchedule(0.01, 50, -1, 1.4), new LinearBetaSchedule(100, 0.001, 0.2), new ScaledLinearBetaSchedule(10, 0.1, 0.2), new CosineSchedule(50, 0.01, 0.9),
        new VpSchedule(0.2, 10), new SubVpSchedule(0.3, 11), new VeSchedule(0.1, 9), new RectifiedFlowSchedule(new ModeTimeDensity(0.5), 0.1),
        new SigmoidSchedule(20, -2, 4, 0.8, 0.9), new SigmoidBetaSchedule(20, 0.01, 0.2), new SqrtBetaSchedule(20, 0.01, 0.2), new ZeroTerminalSnrSchedule(new CosineSchedule(20)), new BetaTableSchedule([0.1, 0.3, 0.2]),
        new PolynomialFlowSchedule(2, new ModeTimeDensity(0.5)), new CosineFlowSchedule(new UniformTimeDensity()), new LinearVpFlowSchedule(new LogitNormalTimeDensity(0.1, 2)),
        new GeometricFromDataSchedule(0.1, new LogitNormalTimeDensity(0.1, 2))];
    internal static readonly TimeSpacing[] Spacings = [new KarrasSpacing(5, 0.1, 10), new ExponentialSpacing(1.5, 0.1, 10), new TrailingSpacing(), new LeadingSpacing(1), new LinspaceSpacing(),
        new FractionalLinspaceSpacing(), new QuadraticSpacing(1, 0.7), new StridedSpacing(3, 1), new SectionSpacing([1, 2, 3]), new LogSnrSpacing(0.1, 10), new BetaSpacing(0.5, 0.7, 0.1, 10),
        new ShiftedSpacing(3, 0.01, 0.9), new OpenEndedSpacing(new LeadingSpacing(1), 2), new NoisyEndSpacing(new KarrasSpacing(5)),
        new SchedulerSpacing { Places = TimestepPlaces.Leading, Offset = 1, OpenEnded = true, Curve = SigmaCurve.Karras, SigmaMin = 0.1, SigmaMax = 10, LambdaMin = -5, End = RunEnd.FirstStep },
        new SchedulerFlowSpacing { Timesteps = 900, Shift = 3, Terminal = 0.1, Span = FlowSpan.FromNoise, End = null }, new EdmSpacing { SigmaMin = 0.1, SigmaMax = 10, Rho = 5, Exponential = true, End = RunEnd.Idle },
        new LcmSpacing { OriginalSteps = 20 }];
    private static readonly TimeDensity[] Densities = [new UniformTimeDensity(), new LogitNormalTimeDensity(0.1, 2), new ModeTimeDensity(0.5)];
    internal static readonly ISolver[] Solvers = [new DdpmSolver(ReverseVariance.Learned), new DdimSolver(double.PositiveInfinity, 1.01), new EulerSolver(Churn), new HeunSolver(0.5, Churn),
        new DpmSolverPlusPlus2SSolver(0.7, 1.01), new DpmSolverPlusPlusSdeSolver(0.7, 1.01, 0.4), new SinglestepDpmSolver(2, 0.7, 1.01, Churn) { Evaluations = 7 }, new LmsSolver(3),
        new MultistepDpmSolver(3, 0.5, 1.1) { Estimate = SolverEstimate.Epsilon, Slope = SlopeRule.Exact, LowerOrderFinal = false, EulerAtFinal = true },
        new StageDpmSolver(3, 0.5, 1.1) { Estimate = SolverEstimate.Epsilon, Slope = SlopeRule.Exact, LowerOrderFinal = false }, new DeisSolver(3) { LowerOrderFinal = false },
        new UniPcSolver(3, UniPcVariant.Bh1) { Estimate = SolverEstimate.Epsilon, LowerOrderFinal = false, Corrects = false, Uncorrected = [0, 2] },
        new PndmSolver(false), new ConsistencySolver(new ConsistencyBoundary(0.4, 100), 0.01), new RecurrentSolver(new DdimSolver(0.5), 3),
        new RungeKuttaSolver(KnownTableaus.ThreeEighths),
        new PredictorCorrectorSolver(new AncestralPredictor(true), new LangevinCorrector(0.2, 3, true), KnownForwardChains.Uniform), new AnnealedLangevinSolver(0.1, 3),
        new LimitedSolver(new DdimSolver(0.5), new EstimateLimit(2, 0.9))];
    internal static readonly IPredictor[] Predictors = [new ReverseDiffusionPredictor(true), new EulerMaruyamaPredictor(true), new AncestralPredictor(true)];
    internal static readonly ICorrector[] Correctors = [new LangevinCorrector(0.2, 3, true), new AnnealedLangevinCorrector(0.3, 2)];
    private static readonly IForwardChain[] Chains = [new LevelChain(), new UniformChain()];
    internal static readonly IProposal[] Proposals = [new RandomWalkProposal(0.5), new LangevinProposal(0.2), new AutoregressiveProposal(0.9, 0.3, [1, 2])];
    internal static readonly ISampler[] Samplers = [new AnnealedMcmcSampler(new MarkovKernel(new LangevinProposal(0.2), false), 3, 2),
        new AdaptiveOdeSampler(new AdaptiveStepping { RelativeTolerance = 1e-3, AbsoluteTolerance = 1e-2, Control = KnownStepControls.Interpolated, WholeBatch = true, MaxEvaluations = 77 }, 100),
        new DpmAdaptiveSampler { Order = 2, RelativeTolerance = 0.1, AbsoluteTolerance = 0.2, FirstStep = 0.1, Gains = new PidGains(0.1, 0.9, 0.2), AcceptSafety = 0.7, Eta = 0.3, NoiseScale = 1.1, WholeBatch = true, MaxEvaluations = 77 }];
    private static readonly StepControl[] StepControls = [new ClippedStepControl(), new InterpolatedStepControl()];
    private static readonly ProbeDistribution[] Probes = [new RademacherProbes(), new GaussianProbes(), new SphereProbes()];
    private static readonly ScoreWeight[] ScoreWeights = [new SigmaPowerWeight(1), new LikelihoodWeight(new VpSchedule(0.2, 10))];
    private static readonly Parameterization[] Parameterizations = [new EdmParameterization(0.7), new EpsilonParameterization(), new X0Parameterization(), new VParameterization(),
        new ScoreParameterization(), new VelocityParameterization(new PolynomialFlowSchedule(2)), new ConsistencyParameterization(0.7, 0.01)];
    private static readonly LossWeight[] LossWeights = [new UniformLossWeight(new EdmParameterization(0.7)), new SnrLossWeight(), new TruncatedSnrLossWeight(0.5), new MinSnrLossWeight(double.PositiveInfinity),
        new SoftMinSnrLossWeight(3), new P2LossWeight(0.5, 2), new CosMapLossWeight(), new ScoreLossWeight(new SigmaPowerWeight(1))];

    [TestMethod]
    public void Read_WhatWasWritten_IsTheSame()
    {
        Check(Schedules);
        Check(Spacings);
        Check(Densities);
        Check(Solvers);
        Check<AscentRule>([new GradientAscent(), new AdamAscent(0.8, 0.99, 1e-7)]);
        Check(Parameterizations);
        Check(Predictors);
        Check(Correctors);
        Check(Chains);
        Check(Proposals);
        Check(Samplers);
        Check(StepControls);
        Check(Probes);
        Check(ScoreWeights);
        Check(LossWeights);
        Check<IForwardProcess>([new GaussianProcess(new CosineSchedule(20))]);
    }

    [TestMethod]
    public void Read_UniformLossWeightWithoutTarget_IsThatOfTheNetworksOwn()
        => Assert.IsNull(((UniformLossWeight)ModelJson.Read<LossWeight>(ModelJson.Write(KnownLossWeights.Uniform))).Target);

    [TestMethod]
    public void Read_SolverWrittenAsSampler_IsTheSame()
    {
        foreach (ISampler solver in Solvers)
            Assert.AreEqual(ModelJson.Write((ISolver)solver), ModelJson.Write(ModelJson.Read<ISampler>(ModelJson.Write(solver))));
        Expect<ISampler>("""{"kind":"dream"}""", "Unknown kind 'dream'", "ddim");
    }

    [TestMethod]
    public void Read_DefaultsLeftOut_AreTheConstructors()
    {
        var schedule = (LinearBetaSchedule)ModelJson.Read<NoiseSchedule>("""{"kind":"linear","steps":10}""");
        Assert.AreEqual(10, schedule.Steps);
        Assert.AreEqual(0.02, schedule.BetaEnd);
        Assert.AreEqual(double.PositiveInfinity, ((EulerSolver)ModelJson.Read<ISolver>("""{"kind":"euler","churn":{"amount":2}}""")).Churn!.RatioMax);
    }

    [TestMethod]
    public void Read_IllegalText_SaysWhatIsWrong()
    {
        Expect<NoiseSchedule>("""{"kind":"linaer"}""", "Unknown kind 'linaer'", "linear", "cosine", "NoiseSchedule");
        Expect<NoiseSchedule>("""{"steps":10}""", "kind is missing");
        Expect<NoiseSchedule>("""{"kind":"linear","steps":1}""", "at least 2");
        Expect<NoiseSchedule>("""{"kind":"linear","stepz":10}""", "stepz");
        Expect<NoiseSchedule>("""{"kind":"linear","steps":"ten"}""", "steps");
        Expect<NoiseSchedule>("""{"kind":"zero-terminal-snr","inner":{"kind":"vp"}}""", "vp");
        Expect<NoiseSchedule>("null", "null");
        Expect<NoiseSchedule>("{", "NoiseSchedule");
        Expect<IForwardProcess>("""{"kind":"gaussian","schedule":{"kind":"spiral"}}""", "spiral");
        Expect<IForwardProcess>("""{"kind":"gaussian","schedule":null}""", "schedule");
    }

    private static void Check<T>(T[] values)
        where T : notnull
    {
        var kinds = typeof(T).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType);
        Assert.AreSequenceEqual(kinds.OrderBy(kind => kind.Name), values.Select(value => value.GetType()).OrderBy(kind => kind.Name), "A kind is not tested, or a tested type is no kind.");
        foreach (var value in values)
        {
            string json = ModelJson.Write(value);
            var back = ModelJson.Read<T>(json);
            Assert.AreEqual(value.GetType(), back.GetType());
            Assert.AreEqual(json, ModelJson.Write(back));
            // Every property is a constructor's argument or settable: what is written is all there is.
            foreach (var property in value.GetType().GetProperties().Where(property => property.PropertyType == typeof(double)))
                Assert.AreEqual(property.GetValue(value), property.GetValue(back), property.Name);
        }
    }

    private static void Expect<T>(string json, params string[] words)
        where T : notnull
    {
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => ModelJson.Read<T>(json));
        foreach (string word in words)
            Assert.Contains(word, exception.Message);
    }
}
