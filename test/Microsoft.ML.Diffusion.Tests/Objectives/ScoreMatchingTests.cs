using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ScoreMatchingTests
{
    private static readonly VpSchedule Schedule = new();

    public static IEnumerable<object[]> Weights => [[new SigmaPowerWeight()], [new SigmaPowerWeight(1)], [new LikelihoodWeight(Schedule)]];

    [TestMethod]
    [DynamicData(nameof(Weights))]
    public void DenoisingScoreMatching_OfTheScoreOrTheEstimate_IsTheSame(ScoreWeight weight)
    {
        using var scope = NewDisposeScope();
        var noise = new ScatteredNoise(5);
        var x0 = noise.Normal(0, ExactMixture.Rows(6));
        var epsilon = noise.Normal(1, x0);
        double[] times = [0.1, 0.3, 0.5, 0.7, 0.9, 1];
        var levels = new NoiseLevels([.. times.Select(Schedule.At)], times);
        var x = levels.Multiply(x0, level => level.Alpha) + levels.Multiply(epsilon, level => level.Sigma);
        var estimate = ExactMixture.Denoiser.Denoise(x, new StepContext(levels), Conditioning.None).X0;
        var score = levels.Multiply(estimate, level => level.Alpha / level.Sigma / level.Sigma) - levels.Multiply(x, level => 1 / level.Sigma / level.Sigma);
        foreach (bool mean in new[] { false, true })
        {
            var objective = new DenoisingScoreMatching(weight, mean);
            double ofScore = objective.Loss(score, epsilon, levels).item<double>();
            // Rounding of sums that cancel.
            Assert.AreEqual(ofScore, objective.LossOfEstimate(estimate, x0, levels).item<double>(), 1e-11 * ofScore);
            // By hand.
            double sum = Enumerable.Range(0, 12).Sum(i => weight.At(levels[i / 2], times[i / 2])
                * Math.Pow(score.data<double>()[i] + epsilon.data<double>()[i] / levels[i / 2].Sigma, 2));
            Assert.AreEqual(mean ? sum / 12 : sum / 12, ofScore, 1e-11 * ofScore);
        }
    }

    [TestMethod]
    public void LikelihoodWeight_WithoutTime_FindsItFromTheLevel()
    {
        var weight = new LikelihoodWeight(Schedule);
        Assert.AreEqual(Schedule.SdeAt(0.3).DiffusionSquared, weight.At(Schedule.At(0.3), null), 1e-9);
    }

    [TestMethod]
    public void DenoisingScoreMatching_TheTrueScore_IsTheMinimum()
    {
        using var scope = NewDisposeScope();
        var level = new NoiseLevel(1, 0.5);
        // Data from N(0, 1): the score at the level is −x/1.25.
        var noise = new ScatteredNoise(6);
        var x0 = noise.Normal(0, zeros(20_000, 1, float64));
        var epsilon = noise.Normal(1, x0);
        var x = x0 + epsilon * 0.5;
        double Loss(double slope) => new DenoisingScoreMatching().Loss(x * -slope, epsilon, level).item<double>();
        double best = Enumerable.Range(0, 81).Select(i => 0.6 + 0.005 * i).MinBy(Loss);
        // The minimum of 20,000 samples: its standard error is √(σ²/(n·1.25)) of some 5e-3, with the λ of the level out of it.
        Assert.AreEqual(1 / 1.25, best, 0.03);
    }

    [TestMethod]
    public void SlicedScoreMatching_MeanOverAllSigns_IsTheExactLoss()
    {
        using var x = tensor(new[] { 0.3, -0.7, 1.1, 0.2 }, [2, 2]);
        using var exact = ExactScoreMatching.Loss(Score, x);
        double sum = 0;
        foreach (double sign in new[] { 1.0, -1.0 })
        {
            using var loss = new SlicedScoreMatching().Loss(Score, x, new Signs(sign), 0);
            sum += loss.item<double>();
        }
        Assert.AreEqual(exact.item<double>(), sum / 2, 1e-13);
    }

    [TestMethod]
    public void ExactScoreMatching_LinearScore_IsTheClosedForm()
    {
        // s = −a·x: ½a²‖x‖² − a·d; the gradient by a is a‖x‖² − d.
        using var x = tensor(new[] { 0.3, -0.7 }, [1, 2]);
        using var a = tensor(1.7, requires_grad: true);
        using var loss = ExactScoreMatching.Loss(states =>
        {
            using var scaled = states.mul(a);
            return scaled.neg();
        }, x);
        Assert.AreEqual(1.7 * 1.7 / 2 * 0.58 - 2 * 1.7, loss.item<double>(), 1e-13);
        loss.backward();
        using var slope = a.grad!;
        Assert.AreEqual(1.7 * 0.58 - 2, slope.item<double>(), 1e-13);
    }

    [TestMethod]
    public void Loss_AnyObjective_LeavesOneTensor()
    {
        using var x = tensor(new[] { 0.3, -0.7, 1.1, 0.2 }, [2, 2]);
        var noise = new ScatteredNoise(1);
        TensorLeak.AssertNone(() => ExactScoreMatching.Loss(Score, x).Dispose());
        TensorLeak.AssertNone(() => new SlicedScoreMatching().Loss(Score, x, noise, 0).Dispose());
        TensorLeak.AssertNone(() => new SlicedScoreMatching(KnownProbes.Sphere, false).Loss(Score, x, noise, 0).Dispose());
        TensorLeak.AssertNone(() => new DenoisingScoreMatching().Loss(x, x, new NoiseLevel(1, 1)).Dispose());
        TensorLeak.AssertNone(() => new DenoisingScoreMatching().LossOfEstimate(x, x, new NoiseLevel(1, 1)).Dispose());
    }

    [TestMethod]
    public void Loss_WhatLibtorchWouldDieOf_IsRefused()
    {
        using var x = zeros(2, 2, float64);
        using var other = zeros(2, 3, float64);
        Assert.ThrowsExactly<InvalidOperationException>(() => ExactScoreMatching.Loss(_ => zeros(2, 2, float64), x));
        Assert.ThrowsExactly<InvalidOperationException>(() => new SlicedScoreMatching().Loss(states => states.sum(1), x, new ScatteredNoise(1), 0));
        Assert.Contains("[2, 3]", Assert.ThrowsExactly<ArgumentException>(() => new DenoisingScoreMatching().Loss(x, other, new NoiseLevel(1, 1))).Message);
        Assert.Contains("row 0", Assert.ThrowsExactly<ArgumentException>(() => new DenoisingScoreMatching().Loss(x, x, NoiseLevel.Clean)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SigmaPowerWeight(double.NaN));
    }

    [TestMethod]
    [DynamicData(nameof(AllProbes))]
    public void Probes_Covariance_IsTheIdentity(ProbeDistribution probes)
    {
        const int Rows = 20_000;
        using var like = zeros(Rows, 3, float64);
        using var v = probes.Draw(new ScatteredNoise(2), 0, like);
        double[] values = [.. v.data<double>()];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j <= i; j++)
                // Five standard errors of products whose variance is at most 2.
                Assert.AreEqual(i == j ? 1 : 0, Enumerable.Range(0, Rows).Average(row => values[3 * row + i] * values[3 * row + j]), 5 * Math.Sqrt(2.0 / Rows));
        if (probes is SphereProbes)
            Assert.AreEqual(3, values.Take(3).Sum(value => value * value), 1e-12);
        if (probes is RademacherProbes)
            Assert.IsTrue(values.All(value => Math.Abs(value) == 1));
    }

    public static IEnumerable<object[]> AllProbes => [[KnownProbes.Rademacher], [KnownProbes.Gaussian], [KnownProbes.Sphere]];

    // Neither linear nor the gradient of anything.
    private static Tensor Score(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (x.tanh() + x.roll(1, 1) * x).neg().MoveToOuterDisposeScope();
    }

    // v = (1, sign) of every row.
    private sealed class Signs(double sign) : INoiseSource
    {
        public Tensor Normal(int draw, Tensor like)
        {
            using var row = tensor(new[] { 1, sign });
            return row.expand(like.shape).clone();
        }

        public Tensor Uniform(int draw, Tensor like) => throw new NotSupportedException();
    }
}
