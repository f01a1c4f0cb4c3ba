using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LossWeightTests
{
    private static readonly Parameterization[] Parameterizations =
        [KnownParameterizations.Epsilon, KnownParameterizations.X0, KnownParameterizations.V, KnownParameterizations.Edm, KnownParameterizations.Score, KnownParameterizations.Velocity];

    // Variance preserving, variance exploding and rectified flow, from little noise to much.
    private static readonly NoiseLevel[] Levels = [NoiseLevel.FromAlphaBar(0.999), NoiseLevel.FromAlphaBar(0.5), NoiseLevel.FromAlphaBar(0.01), new(1, 0.02), new(1, 25), new(0.25, 0.75)];

    public static IEnumerable<object[]> Weights => typeof(KnownLossWeights).GetProperties().Select(property => new object[] { property.Name, (LossWeight)property.GetValue(null)! });

    // SNR, γ and the paper's weight of each target (Hang et al. 2023, section 3.4 and appendix).
    public static IEnumerable<object[]> MinSnrOfTargets =>
    [
        [KnownParameterizations.Epsilon, (Func<double, double, double>)((snr, gamma) => Math.Min(snr, gamma) / snr)],
        [KnownParameterizations.X0, (Func<double, double, double>)((snr, gamma) => Math.Min(snr, gamma))],
        [KnownParameterizations.V, (Func<double, double, double>)((snr, gamma) => Math.Min(snr, gamma) / (snr + 1))],
    ];

    [TestMethod]
    [DynamicData(nameof(MinSnrOfTargets))]
    public void MinSnr_OnEachTarget_IsThePapers(Parameterization parameterization, Func<double, double, double> expected)
    {
        foreach (var level in Levels.Take(3))
            foreach (double gamma in new[] { 1, 5, double.PositiveInfinity })
            {
                double weight = expected(Snr(level), gamma);
                // Rounding.
                Assert.AreEqual(weight, new MinSnrLossWeight(gamma).OnTarget(level, parameterization), 1e-12 * weight);
            }
    }

    [TestMethod]
    [DynamicData(nameof(Weights))]
    public void OnX0_AnyTargetIsTrainedOn_IsTheSameWeight(string name, LossWeight weight)
    {
        foreach (var level in Levels)
            foreach (var parameterization in Parameterizations)
            {
                double factor = parameterization.At(level).Out, onX0 = weight.OnX0(level, parameterization);
                Assert.IsTrue(onX0 > 0 && double.IsFinite(onX0), name);
                Assert.AreEqual(onX0, weight.OnTarget(level, parameterization) / (factor * factor), 1e-12 * onX0, name);
                if (name != nameof(KnownLossWeights.Uniform))
                    Assert.AreEqual(weight.OnX0(level, KnownParameterizations.X0), onX0, name);
            }
    }

    [TestMethod]
    [DynamicData(nameof(Weights))]
    public void Loss_EpsilonX0AndV_AreOneNumberForOneEstimate(string name, LossWeight weight)
    {
        if (name == nameof(KnownLossWeights.Uniform))
            return;
        using var scope = NewDisposeScope();
        var noise = new ScatteredNoise(3);
        var x0 = noise.Normal(0, zeros(Levels.Length, 3, float64));
        var levels = new NoiseLevels(Levels);
        var x = new GaussianProcess(KnownSchedules.Edm).Corrupt(x0, noise.Normal(1, x0), levels);
        var estimate = noise.Normal(2, x0);
        double[] losses = [.. Parameterizations.Select(parameterization
            => new DenoisingObjective(parameterization, weight).Loss(parameterization.Target(x, estimate, levels), x, x0, levels).item<double>())];
        foreach (double loss in losses)
            // Targets hold x/out, which cancels in the difference: rounding times (σ/α)² at most.
            Assert.AreEqual(losses[1], loss, 1e-9 * losses[1], name);
    }

    [TestMethod]
    public void MinSnr_InfiniteGamma_IsSnr()
    {
        foreach (var level in Levels)
            foreach (var weight in new LossWeight[] { new MinSnrLossWeight(double.PositiveInfinity), new SoftMinSnrLossWeight(double.PositiveInfinity), new P2LossWeight(gamma: 0) })
                Assert.AreEqual(Snr(level), weight.OnX0(level, KnownParameterizations.V), 1e-12 * Snr(level));
    }

    [TestMethod]
    public void Snr_OnEpsilon_IsOne()
    {
        foreach (var level in Levels)
            Assert.AreEqual(1, KnownLossWeights.Snr.OnTarget(level, KnownParameterizations.Epsilon), 1e-12);
    }

    [TestMethod]
    public void SoftMinSnr_AnySnr_IsBelowMinSnrAndAboveHalfOfIt()
    {
        foreach (double snr in new[] { 1e-6, 0.1, 4, 30, 1e8 })
        {
            double hard = new MinSnrLossWeight(4).At(snr), soft = new SoftMinSnrLossWeight(4).At(snr);
            // The harmonic sum of SNR and γ, whose least ratio to the minimum is where both are equal.
            Assert.IsTrue(soft < hard && soft >= hard / 2 * (1 - 1e-15), $"{snr}: {soft} of {hard}");
        }
    }

    [TestMethod]
    public void SoftMinSnr_OnEdmsTarget_IsCrowsonsFormula()
    {
        foreach (double scale in new[] { 0.5, 1.3 })
            foreach (double sigma in new[] { 0.01, 0.5, 20 })
            {
                // (σ·σ_data)²/(σ² + σ_data²)², as k-diffusion weighs the error of EDM's target.
                double expected = Math.Pow(sigma * scale / (sigma * sigma + scale * scale), 2);
                Assert.AreEqual(expected, new SoftMinSnrLossWeight(1 / (scale * scale)).OnTarget(NoiseLevel.FromRatio(sigma), new EdmParameterization(scale)), 1e-12 * expected);
            }
    }

    [TestMethod]
    [DataRow(0.5)]
    [DataRow(2)]
    public void EdmLambda_OnEdmsTarget_IsOneAndOnX0IsThePapers(double dataScale)
    {
        var edm = new EdmParameterization(dataScale);
        var weight = new UniformLossWeight(edm);
        foreach (double sigma in new[] { 0.002, 0.5, 80 })
        {
            var level = NoiseLevel.FromRatio(sigma);
            // λ(σ) = (σ² + σ_data²)/(σ·σ_data)².
            double lambda = (sigma * sigma + dataScale * dataScale) / Math.Pow(sigma * dataScale, 2);
            Assert.AreEqual(lambda, weight.OnX0(level, KnownParameterizations.X0), 1e-12 * lambda);
            Assert.AreEqual(1, weight.OnTarget(level, edm), 1e-12);
        }
    }

    [TestMethod]
    public void EdmTarget_OfDataOfItsDeviation_HasUnitVariance()
    {
        using var scope = NewDisposeScope();
        var noise = new ScatteredNoise(4);
        var x0 = noise.Normal(0, zeros(50_000, 1, float64)).mul(tensor(0.7));
        foreach (double sigma in new[] { 0.05, 0.7, 20 })
        {
            NoiseLevels level = NoiseLevel.FromRatio(sigma);
            var x = new GaussianProcess(KnownSchedules.Edm).Corrupt(x0, noise.Normal(1, x0), level);
            var target = new EdmParameterization(0.7).Target(x, x0, level);
            // Five standard errors of the mean of 50,000 squares of variance 2.
            Assert.AreEqual(1, target.square().mean().item<double>(), 5 * Math.Sqrt(2.0 / 50_000));
        }
    }

    [TestMethod]
    public void Score_LikelihoodWeight_IsTheSlopeOfTheSnr()
    {
        var schedule = new VpSchedule();
        var weight = new ScoreLossWeight(new LikelihoodWeight(schedule));
        const double T = 0.4, H = 1e-5;
        double slope = (Snr(schedule.At(T + H)) - Snr(schedule.At(T - H))) / (2 * H);
        // Kingma et al. 2021, eq. 13; the difference quotient errs by h².
        Assert.AreEqual(-slope, weight.OnX0(schedule.At(T), KnownParameterizations.V), 1e-6 * -slope);
    }

    [TestMethod]
    public void OnX0_PureNoise_IsFiniteWhereThePaperSaysSo()
    {
        var noise = new NoiseLevel(0, 1);
        Assert.AreEqual(0, KnownLossWeights.MinSnr.OnX0(noise, KnownParameterizations.V));
        Assert.AreEqual(0, KnownLossWeights.SoftMinSnr.OnX0(noise, KnownParameterizations.V));
        Assert.AreEqual(0, KnownLossWeights.P2.OnX0(noise, KnownParameterizations.V));
        Assert.AreEqual(1, KnownLossWeights.TruncatedSnr.OnX0(noise, KnownParameterizations.V));
        Assert.AreEqual(2 / Math.PI, KnownLossWeights.CosMap.OnX0(noise, KnownParameterizations.V), 1e-15);
    }

    [TestMethod]
    public void Constructors_IllegalParameter_SayWhatWasGot()
    {
        Action[] wrong = [() => _ = new MinSnrLossWeight(-3), () => _ = new SoftMinSnrLossWeight(-3), () => _ = new TruncatedSnrLossWeight(-3), () => _ = new P2LossWeight(-3), () => _ = new P2LossWeight(1, -3)];
        foreach (var act in wrong)
            Assert.Contains("-3", Assert.ThrowsExactly<ArgumentOutOfRangeException>(act).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TruncatedSnrLossWeight(double.PositiveInfinity));
        Assert.ThrowsExactly<ArgumentNullException>(() => new ScoreLossWeight(null!));
    }

    private static double Snr(NoiseLevel level) => Math.Pow(level.Alpha / level.Sigma, 2);
}
