using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class GradientTests
{
    public static IEnumerable<object[]> Cases =>
    [
        [new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1, 2], PatchSize = 1 }, new DataShape(2, 5, 7)],
        [new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1, 2], PatchSize = 2 }, new DataShape(2, 5, 7)],
        [new ResidualMlp { Width = 16, Blocks = 2 }, new DataShape(3)],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Backward_AlongARandomDirection_EqualsTheFiniteDifference(Network network, DataShape shape)
    {
        using var scope = NewDisposeScope();
        using var denoiser = TestNetworks.Denoiser(network, shape, trainable: true);
        var parameters = denoiser.Parameters;
        var x = TestNetworks.Rows(shape, 3).requires_grad_(true);
        var weights = TestNetworks.Rows(shape, 3, first: 100);
        parameters.ZeroGradients();
        Loss(x).backward();
        parameters.CollectGradients();

        using var noGrad = no_grad();
        var parameterDirection = Direction(parameters.Length);
        CompareSlopes((parameters.Gradients * parameterDirection).sum().item<float>(), step =>
        {
            parameters.Master.add_(parameterDirection, step);
            double loss = Loss(x).item<float>();
            parameters.Master.add_(parameterDirection, -step);
            return loss;
        });
        var inputDirection = TestNetworks.Rows(shape, 3, first: 200);
        CompareSlopes((x.grad! * inputDirection).sum().item<float>(), step => Loss(x + inputDirection * step).item<float>());

        Tensor Loss(Tensor input) => (denoiser.Denoise(input, new StepContext(new NoiseLevel(1, 0.7)), TestNetworks.Conditions(3)).X0 * weights).sum();

        static Tensor Direction(long length)
        {
            var values = new float[length];
            RowNoise.FillNormal(values, 8, new RowKey(0), 0);
            return tensor(values);
        }
    }

    private static void CompareSlopes(double slope, Func<double, double> loss)
    {
        const double Step = 2e-3;
        double difference = (8 * (loss(Step) - loss(-Step)) - loss(2 * Step) + loss(-2 * Step)) / (12 * Step);
        // The fourth-order formula errs by Step⁴; Float32 sums of order 10 with rounding 1e-6 over Step leave 1e-3 of slopes of order 1 and more.
        Assert.AreEqual(slope, difference, 2e-2 * Math.Max(1, Math.Abs(slope)));
        Assert.IsGreaterThan(0.1, Math.Abs(slope), "A slope of zero proves nothing.");
    }
}
