using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class TrainingSanityTests
{
    [TestMethod]
    public void Adam_ResidualMlpOnAMixtureOfTwoPoints_LossFallsToAThird()
    {
        const int Rows = 128;
        var shape = new DataShape(2);
        var network = new ResidualMlp { Width = 64, Blocks = 2 };
        var parameters = FlatParameters.Create(network.ListParameters(shape, ConditionLayout.Empty), 1, CPU, Precision.Float32, true);
        using var denoiser = new NetworkDenoiser(network, shape, new EdmParameterization(1), parameters, ConditionLayout.Empty);
        using var outer = NewDisposeScope();
        var (first, second) = (zeros_like(parameters.Master), zeros_like(parameters.Master));
        var losses = new List<double>();
        for (int step = 1; step <= 200; step++)
        {
            using var scope = NewDisposeScope();
            var noise = new RowNoise(2, [.. Enumerable.Range(0, Rows).Select(row => new RowKey((ulong)(step * Rows + row)))]);
            var draws = new float[2 * Rows];
            RowNoise.FillUniform(draws, 3, new RowKey((ulong)step), 0);
            // Two points at (±1, ±1); ln σ uniform in ln 0.1 … ln 2, where which one is meant can be guessed.
            var x0 = tensor(draws.Take(Rows).SelectMany(u => new[] { u < 0.5f ? -1f : 1f, u < 0.5f ? -1f : 1f }).ToArray(), Rows, 2);
            var levels = new NoiseLevels(draws.Skip(Rows).Select(u => new NoiseLevel(1, 0.1 * Math.Pow(20, u))).ToArray());
            var x = x0 + levels.Multiply(noise.Normal(0, x0), level => level.Sigma);
            var loss = (denoiser.Answer(x, levels, Conditioning.None) - denoiser.Parameterization.Target(x, x0, levels)).square().mean();
            parameters.ZeroGradients();
            loss.backward();
            parameters.CollectGradients();
            losses.Add(loss.item<float>());
            using var noGrad = no_grad();
            first.lerp_(parameters.Gradients, 0.1);
            second.lerp_(parameters.Gradients.square(), 0.01);
            var scale = (second / (1 - Math.Pow(0.99, step))).sqrt().add_(1e-8);
            parameters.Master.addcdiv_(first, scale, -3e-3 / (1 - Math.Pow(0.9, step)));
            parameters.PublishWeights();
        }
        // It starts near 1, the variance of the target; what can not be known about this mixture leaves less than a quarter.
        Assert.AreEqual(1, losses.Take(3).Average(), 0.3);
        Assert.IsLessThan(losses.Take(3).Average() / 3, losses.TakeLast(20).Average());
    }
}
