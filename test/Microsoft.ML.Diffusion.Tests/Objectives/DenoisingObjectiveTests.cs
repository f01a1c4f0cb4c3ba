using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class DenoisingObjectiveTests
{
    private static readonly NoiseLevels Levels = new([NoiseLevel.FromAlphaBar(0.9), NoiseLevel.FromAlphaBar(0.2), NoiseLevel.FromAlphaBar(0.01)]);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void LossOfRows_ByHand_IsTheWeightedMeanOfSquares(bool shared)
    {
        using var scope = NewDisposeScope();
        var (answer, x, x0) = Batch(float64);
        var levels = shared ? new NoiseLevels(Levels[1]) : Levels;
        var weight = KnownLossWeights.MinSnr;
        var objective = new DenoisingObjective(KnownParameterizations.V, weight);
        var target = KnownParameterizations.V.Target(x, x0, levels);
        double[] errors = [.. answer.Minus(target).square().data<double>()];
        double[] expected = [.. errors.Chunk(4).Select((row, i) => row.Average() * weight.OnTarget(levels[i], KnownParameterizations.V))];
        double[] rows = [.. objective.LossOfRows(answer, x, x0, levels).data<double>()];
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(expected[i], rows[i], 1e-14);
        Assert.AreEqual(expected.Average(), objective.Loss(answer, x, x0, levels).item<double>(), 1e-14);
    }

    [TestMethod]
    public void Loss_Uniform_IsTheMeanSquareToTheLastBit()
    {
        using var scope = NewDisposeScope();
        var (answer, x, x0) = Batch(float32);
        var target = KnownParameterizations.Edm.Target(x, x0, Levels);
        float expected = nn.functional.mse_loss(answer, target).item<float>();
        Assert.AreEqual(expected, new DenoisingObjective(KnownParameterizations.Edm).Loss(answer, x, x0, Levels).item<float>());
        Assert.AreEqual(expected, new DenoisingObjective(KnownParameterizations.Edm, new UniformLossWeight()).Loss(answer, x, x0, Levels).item<float>());
    }

    [TestMethod]
    public void Loss_Weighted_GradientIsWeighted()
    {
        using var scope = NewDisposeScope();
        var (answer, x, x0) = Batch(float64);
        answer.requires_grad_();
        new DenoisingObjective(KnownParameterizations.Epsilon, KnownLossWeights.P2).Loss(answer, x, x0, Levels).backward();
        var target = KnownParameterizations.Epsilon.Target(x, x0, Levels);
        double[] slopes = [.. answer.grad!.data<double>()], errors = [.. answer.detach().Minus(target).data<double>()];
        for (int i = 0; i < errors.Length; i++)
            Assert.AreEqual(2 * errors[i] / errors.Length * KnownLossWeights.P2.OnTarget(Levels[i / 4], KnownParameterizations.Epsilon), slopes[i], 1e-14);
    }

    [TestMethod]
    public void Loss_LowPrecisionAnswer_IsComputedInTheTypeOfTheData()
    {
        using var scope = NewDisposeScope();
        var (answer, x, x0) = Batch(float32);
        foreach (var weight in new[] { KnownLossWeights.Uniform, KnownLossWeights.MinSnr })
        {
            var objective = new DenoisingObjective(KnownParameterizations.V, weight);
            var half = answer.to(bfloat16);
            Assert.AreEqual(float32, objective.Loss(half, x, x0, Levels).dtype);
            Assert.AreEqual(objective.Loss(half.to(float32), x, x0, Levels).item<float>(), objective.Loss(half, x, x0, Levels).item<float>());
        }
    }

    [TestMethod]
    public void Loss_AnyWeight_LeavesOneTensor()
    {
        using var scope = NewDisposeScope();
        var (answer, x, x0) = Batch(float32);
        foreach (var weight in new[] { KnownLossWeights.Uniform, KnownLossWeights.MinSnr })
        {
            var objective = new DenoisingObjective(KnownParameterizations.V, weight);
            TensorLeak.AssertNone(() => objective.Loss(answer, x, x0, Levels).Dispose());
            TensorLeak.AssertNone(() => objective.LossOfRows(answer, x, x0, Levels).Dispose());
        }
    }

    [TestMethod]
    public void Loss_OtherShapes_IsRefused()
    {
        using var scope = NewDisposeScope();
        var (answer, x, x0) = Batch(float32);
        var objective = new DenoisingObjective(KnownParameterizations.V, KnownLossWeights.MinSnr);
        Assert.Contains("[3, 2, 1]", Assert.ThrowsExactly<ArgumentException>(() => objective.Loss(answer.narrow(2, 0, 1), x, x0, Levels)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => objective.Loss(answer, x, x0, new NoiseLevels([Levels[0], Levels[1]])));
    }

    private static (Tensor Answer, Tensor X, Tensor X0) Batch(ScalarType type)
    {
        var noise = new ScatteredNoise(8);
        using var like = zeros(3, 2, 2, type);
        return (noise.Normal(0, like), noise.Normal(1, like), noise.Normal(2, like));
    }
}
