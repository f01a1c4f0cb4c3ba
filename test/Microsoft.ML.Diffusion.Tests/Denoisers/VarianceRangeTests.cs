using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class VarianceRangeTests
{
    private static readonly DiscreteSchedule Schedule = new CosineSchedule(100);

    [TestMethod]
    [DataRow(1)]
    [DataRow(40)]
    [DataRow(98)]
    public void Of_NeighbouringSteps_IsBetaTildeAndBeta(int step)
    {
        double beta = Schedule.Betas[step], before = Schedule.AlphaBars[step - 1], at = Schedule.AlphaBars[step];
        var range = VarianceRange.Of(Schedule.LevelOf(step), Schedule.LevelOf(step - 1));
        Assert.AreEqual(beta, range.Largest, 1e-12 * beta);
        // Ho et al. 2020, eq. 7; 1 − ᾱ loses some digits.
        Assert.AreEqual(beta * (1 - before) / (1 - at), range.Smallest, 1e-10 * beta);
    }

    [TestMethod]
    public void Of_StatesOfAnotherScale_IsTheSameVarianceInItsUnits()
    {
        NoiseLevel from = Schedule.LevelOf(60), to = Schedule.LevelOf(20);
        var expected = VarianceRange.Of(from, to);
        var range = VarianceRange.Of(NoiseLevel.FromRatio(from.Ratio), NoiseLevel.FromRatio(to.Ratio));
        double scale = to.Alpha * to.Alpha;
        Assert.AreEqual(expected.Smallest / scale, range.Smallest, 1e-12);
        Assert.AreEqual(expected.Largest / scale, range.Largest, 1e-12);
    }

    [TestMethod]
    public void Denoise_NetworkThatLearnsVariance_AnswersBetweenTheBounds()
    {
        var shape = new DataShape(3, 8, 8);
        var plain = new UNet { Channels = 16, Multipliers = [1, 1], PatchSize = 2, MiddleAttention = false };
        var network = new UNet { Channels = 16, Multipliers = [1, 1], PatchSize = 2, MiddleAttention = false, WithVariance = true };
        Assert.AreEqual(2 * Count(plain, "conv_out.bias", shape), Count(network, "conv_out.bias", shape));
        using var untrained = new NetworkDenoiser(network, shape, KnownParameterizations.V, FlatParameters.Create(network.ListParameters(shape, ConditionLayout.Empty), 1, CPU, Precision.Float32, false), ConditionLayout.Empty);
        using var lively = TestNetworks.Denoiser(network, shape, layout: ConditionLayout.Empty);
        using var x = TestNetworks.Rows(shape, 2);
        var step = new StepContext(Schedule.LevelOf(60), Schedule.LevelOf(20));
        var (smallest, largest) = VarianceRange.Of(Schedule.LevelOf(60), Schedule.LevelOf(20));
        var middle = untrained.Denoise(x, step, Conditioning.None);
        using var expected = x.mul(KnownParameterizations.V.At(step.Level[0]).Skip);
        using (middle.X0)
        using (middle.LogVariance)
        {
            // An untrained network answers zeros: the geometric mean, and the skip.
            Assert.IsTrue(TestNetworks.Values(middle.LogVariance!).All(value => Math.Abs(value - Math.Log(smallest * largest) / 2) < 1e-5));
            Assert.AreSequenceEqual(TestNetworks.Values(expected), TestNetworks.Values(middle.X0));
        }
        var answer = lively.Denoise(x, step, Conditioning.None);
        using var raw = lively.Answer(x, step.Level, Conditioning.None);
        using var place = raw.narrow(1, 3, 3);
        using (answer.X0)
        using (answer.LogVariance)
        {
            double[] hand = [.. TestNetworks.Values(place).Select(v => (1 + v) / 2 * Math.Log(largest) + (1 - v) / 2 * Math.Log(smallest))];
            float[] got = TestNetworks.Values(answer.LogVariance!);
            for (int i = 0; i < hand.Length; i++)
                Assert.AreEqual(hand[i], got[i], 1e-4, "rounding to Float32 of numbers up to 10");
        }
    }

    [TestMethod]
    public void Denoise_WithoutTargetOrToCleanData_GivesNoVariance()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16, Blocks = 1, WithVariance = true }, new DataShape(2));
        using var x = TestNetworks.Rows(new DataShape(2), 2);
        long before = TensorLeak.Count();
        foreach (NoiseLevel? target in new NoiseLevel?[] { null, NoiseLevel.Clean })
        {
            var answer = denoiser.Denoise(x, new StepContext(Schedule.LevelOf(3), target), TestNetworks.Conditions(2));
            answer.X0.Dispose();
            Assert.IsNull(answer.LogVariance);
        }
        Assert.IsLessThanOrEqualTo(before + 4, Tensor.TotalCount, "the conditions of the test itself");
    }

    private static long Count(Network network, string name, DataShape shape) => network.ListParameters(shape, ConditionLayout.Empty).Single(parameter => parameter.Name == name).Count;
}
