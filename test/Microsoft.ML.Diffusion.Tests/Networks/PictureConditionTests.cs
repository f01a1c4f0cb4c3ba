using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PictureConditionTests
{
    private const int Rows = 2;

    private static readonly float[] Level = [0.3f, -0.4f];

    /// <summary>The architectures for denoising pictures, without and with an estimate.</summary>
    public static IEnumerable<object[]> Cases =>
    [
        .. Architectures.All.Where(each => each is [_, not AdmClassifier, DataShape { IsImage: true }, _]),
        ["U-Net with an estimate", new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1, 2], PatchSize = 2, WithSelfConditioning = true, WithVariance = true }, new DataShape(2, 8, 8), ConditionLayout.Empty],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_WithPictures_HasTheDataShapeAndFollowsThem(string name, Network network, DataShape shape, ConditionLayout layout)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var pictures = layout.Append(Picture(1, shape), Picture(2, shape));
        using var trained = Lively(network, shape, pictures);
        var x = TestNetworks.Rows(shape, Rows);
        using (Answer(0.5f, 0.1f))
        {
            // The tables of the first call stay.
        }
        long before = TensorLeak.Count();
        var answer = Answer(0.5f, 0.1f);
        Assert.AreEqual(before + 1, TensorLeak.Count(), name);
        Assert.AreSequenceEqual(network.AnswerShape(shape).Batch(Rows), answer.shape, name);
        Assert.IsGreaterThan(1e-5, TestNetworks.Distance(answer, Answer(-0.5f, 0.1f)), name);
        Assert.IsGreaterThan(1e-5, TestNetworks.Distance(answer, Answer(0.5f, 0.9f)), name);
        // The same numbers, but for the order of sums, which follows the place in memory.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(Answer(0, 0.1f), Answer(float.NaN, 0.1f)), $"{name}: a missing picture is one of zeros");

        Tensor Answer(float first, float second)
        {
            using var inner = NewDisposeScope();
            var packed = full(Rows, pictures.Width, 1f);
            packed.narrow(1, pictures.OffsetOf(layout.Slots.Count), shape.Size / shape.Dimensions[0]).fill_(first);
            packed.narrow(1, pictures.OffsetOf(layout.Slots.Count + 1), 2 * shape.Size / shape.Dimensions[0]).fill_(second);
            return trained.Answer(x, Level, new Conditioning(pictures, packed)).MoveToOuterDisposeScope();
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void ListParameters_WithPictures_DifferInTheFirstLayersAlone(string name, Network network, DataShape shape, ConditionLayout layout)
    {
        string[] plain = [.. network.ListParameters(shape, layout).Select(parameter => parameter.ToString())];
        string[] pictures = [.. network.ListParameters(shape, layout.Append(Picture(3, shape))).Select(parameter => parameter.ToString())];
        Assert.HasCount(plain.Length, pictures, name);
        // Weights that see x: one layer, and the side branch of NCSN++'s encoders.
        string[] different = [.. pictures.Except(plain)];
        Assert.IsNotEmpty(different, name);
        Assert.IsTrue(different.All(parameter => parameter.Split(' ')[0].EndsWith("weight", StringComparison.Ordinal)), $"{name}: {string.Join("; ", different)}");
    }

    [TestMethod]
    public void Answer_GradientOfPictures_IsNotNeeded_ThatOfXFlows()
    {
        using var scope = NewDisposeScope();
        var shape = new DataShape(1, 4, 4);
        var layout = new ConditionLayout([Picture(1, shape)]);
        using var trained = Lively(new UNet { Channels = 8, Multipliers = [1], MiddleAttention = false }, shape, layout);
        var x = TestNetworks.Rows(shape, Rows).requires_grad_(true);
        trained.Answer(x, Level, new Conditioning(layout, zeros(Rows, 16))).square().sum().backward();
        Assert.IsGreaterThan(1e-6, x.grad!.abs().max().item<float>());
    }

    [TestMethod]
    public void ListParameters_PicturesThatDoNotFit_RefusedByName()
    {
        var layout = new ConditionLayout([new PictureCondition("Mask", new DataShape(1, 8, 8), new DataShape(1, 8, 8))]);
        Refused("'Mask' is a picture [1, 8, 8]", () => new ResidualMlp().ListParameters(new DataShape(64), layout));
        Refused("'Mask' is a picture [1, 8, 8]", () => new UNet().ListParameters(new DataShape(1, 8, 4), layout));
        // Takes two channels as one.
        var script = new TorchScriptNetwork(new TorchScriptArchive().Add("w", [1], [1]).Write("x: Tensor, level: Tensor", "return torch.mul(x, self.w)"));
        Refused("TorchScriptNetwork answers [1, 2, 8, 8]", () => script.ListParameters(new DataShape(1, 8, 8), layout));
        Refused("can not be resized", () => _ = new PictureCondition("Mask", new DataShape(1, 8, 8), new DataShape(3, 8, 8)));
        Refused("[channels, height, width]", () => _ = new PictureCondition("Mask", new DataShape(8, 8), new DataShape(8, 8)));
        Refused("minimum < maximum", () => _ = new PictureCondition("Mask", new DataShape(1, 8, 8), new DataShape(1, 8, 8), 1, 1));
    }

    [TestMethod]
    public void Json_RoundTrip_IsEqual()
    {
        ConditionSlot slot = new PictureCondition("Mask", new DataShape(1, 8, 8), new DataShape(1, 4, 4), 0, 1);
        Assert.AreEqual(slot, ModelJson.Read<ConditionSlot>(ModelJson.Write(slot)));
        ConditionSlot tokens = new TokensCondition("Text", 3, 5);
        Assert.AreEqual(tokens, ModelJson.Read<ConditionSlot>(ModelJson.Write(tokens)));
    }

    [TestMethod]
    public void Answer_InfinitePicture_Refused()
    {
        using var scope = NewDisposeScope();
        var shape = new DataShape(1, 4, 4);
        var layout = new ConditionLayout([Picture(1, shape)]);
        using var trained = Lively(new UNet { Channels = 8, Multipliers = [1], MiddleAttention = false }, shape, layout);
        Refused("'Picture1' of row 0 is infinite", () => trained.Answer(TestNetworks.Rows(shape, Rows), Level, new Conditioning(layout, full(Rows, 16, float.PositiveInfinity))));
    }

    private static void Refused(string message, Action action) => Assert.Contains(message, Assert.Throws<ArgumentException>(action).Message);

    private static PictureCondition Picture(int channels, DataShape shape)
    {
        var packed = new DataShape([channels, .. shape.Dimensions.Skip(1)]);
        return new PictureCondition($"Picture{channels}", packed, packed);
    }

    private static TrainedNetwork Lively(Network network, DataShape shape, ConditionLayout layout)
    {
        var lively = network.ListParameters(shape, layout).Select(parameter =>
            parameter.Initializer is { Scale: < 1e-3, Mean: 0 } ? new NetworkParameter(parameter.Name, [.. parameter.Shape], Initializer.Normal(0.1), parameter.IsFrozen) : parameter);
        return new TrainedNetwork(network, shape, layout, FlatParameters.Create([.. lively], 1, CPU, Precision.Float32, trainable: false));
    }
}
