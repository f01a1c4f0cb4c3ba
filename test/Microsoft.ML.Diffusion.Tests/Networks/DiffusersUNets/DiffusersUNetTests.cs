using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class DiffusersUNetTests
{
    private static readonly NoiseLevels Level = new(new NoiseLevel(1, 0.7));

    // Odd sizes, which are halved rounding up.
    private static readonly DataShape Shape = new(2, 7, 10);

    private static DiffusersUNet Crossing => new()
    {
        Channels = [8, 16],
        Layers = [1],
        Groups = 4,
        CrossHeads = [2],
        TransformerBlocks = [2],
        Middle = UNetMiddle.CrossAttention,
        Down = [UNetStage.CrossAttention, UNetStage.Residual],
    };

    [TestMethod]
    public void Answer_TokensOfNaN_TheAnswerOfAShorterSequence()
    {
        using var scope = NewDisposeScope();
        var tokens = Tokens(2, 3);
        var longer = cat([tokens, full(2, 2, 6, float.NaN)], 1);
        // Other sizes of attention sum in another order.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(Answer(Crossing, 3, tokens), Answer(Crossing, 5, longer)));
        Assert.IsGreaterThan(1e-3, TestNetworks.Distance(Answer(Crossing, 3, tokens), Answer(Crossing, 3, tokens.neg())));
    }

    [TestMethod]
    public void Answer_TokensInAnotherOrder_TheSameAnswer()
    {
        using var scope = NewDisposeScope();
        var tokens = Tokens(2, 4);
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(Answer(Crossing, 4, tokens), Answer(Crossing, 4, tokens.flip(1))));
    }

    [TestMethod]
    public void Answer_MissingSequence_TheAnswerToZeros()
    {
        using var scope = NewDisposeScope();
        var projecting = new DiffusersUNet { Channels = [8], Layers = [1], Groups = 4, CrossHeads = [2], Down = [UNetStage.CrossAttention], Middle = UNetMiddle.CrossAttention, ContextWidth = 5, LinearProjections = true, OnlyCross = [true] };
        foreach (var network in new[] { Crossing, projecting })
            Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(Answer(network, 2, full(2, 2, 6, float.NaN)), Answer(network, 2, zeros(2, 2, 6))));
    }

    [TestMethod]
    public void Answer_MissingClassAndVector_AddNothing()
    {
        using var scope = NewDisposeScope();
        var network = new DiffusersUNet { Channels = [8], Layers = [1], Groups = 4 };
        var classes = new ConditionLayout([new ClassCondition("Class", 3)]);
        using var told = TestNetworks.Denoiser(network, Shape, layout: classes);
        using var untold = TestNetworks.Denoiser(network, Shape, layout: ConditionLayout.Empty);
        var x = TestNetworks.Rows(Shape, 2);
        var expected = untold.Answer(x, Level, Conditioning.None);
        Assert.AreSequenceEqual(TestNetworks.Values(expected), TestNetworks.Values(told.Answer(x, Level, new Conditioning(classes, zeros(2, 1)))));
        Assert.IsGreaterThan(1e-3, TestNetworks.Distance(expected, told.Answer(x, Level, new Conditioning(classes, full(2, 1, 3f)))));
    }

    [TestMethod]
    public void Answer_WithGradientsOrWithout_LeavesNoTensorAndIsTheSame()
    {
        using var denoiser = TestNetworks.Denoiser(Crossing, Shape, trainable: true, layout: Layout(3));
        using var x = TestNetworks.Rows(Shape, 2);
        using var tokens = Tokens(2, 3);
        using var packed = tokens.reshape(2, -1);
        using var trained = denoiser.Answer(x, Level, new Conditioning(denoiser.Conditions, packed));
        using var noGrad = no_grad();
        using var sampled = denoiser.Answer(x, Level, new Conditioning(denoiser.Conditions, packed));
        // The same sums in another order: values of order 1 in Float32.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(trained, sampled));
        foreach (bool gradients in new[] { true, false })
        {
            using var mode = set_grad_enabled(gradients);
            TensorLeak.AssertNone(() => denoiser.Answer(x, Level, new Conditioning(denoiser.Conditions, packed)).Dispose());
        }
    }

    [TestMethod]
    public void ListParameters_WhatDoesNotFit_RefusedByName()
    {
        Refused("takes pictures", new DiffusersUNet(), new DataShape(8), []);
        Refused("the 24 channels of level 1 are not divisible by Groups 16", new DiffusersUNet { Channels = [16, 24], Groups = 16 }, Shape, []);
        Refused("Layers has 3 values", new DiffusersUNet { Channels = [32, 32], Layers = [1, 1, 1] }, Shape, []);
        Refused("takes at least 3 × 3 pixels", new DiffusersUNet { Channels = [32, 32, 32] }, new DataShape(1, 2, 8), []);
        Refused("takes one sequence of tokens (a column of type Vector<Single, tokens, width>), as it has cross attention; got 0", Crossing, Shape, []);
        Refused("takes no sequence of tokens", new DiffusersUNet { Groups = 8 }, Shape, [new SequenceCondition("Tokens", 2, 2)]);
        Refused("takes one class or vector", new DiffusersUNet { Groups = 8 }, Shape, [new ClassCondition("Class", 2), new VectorCondition("Vector", 2)]);
        Refused("Identity takes a vector of 128", new DiffusersUNet { Groups = 8, Vectors = VectorEmbedding.Identity }, Shape, [new VectorCondition("Vector", 2)]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DiffusersUNet { DownPadding = 2 });
        Assert.ThrowsExactly<ArgumentException>(() => new DiffusersUNet { Channels = [] });
    }

    private static void Refused(string message, DiffusersUNet network, DataShape shape, ConditionSlot[] conditions)
        => Assert.Contains(message, Assert.ThrowsExactly<ArgumentException>(() => network.ListParameters(shape, new ConditionLayout(conditions))).Message);

    private static ConditionLayout Layout(int tokens) => new([new SequenceCondition("Tokens", tokens, 6)]);

    private static Tensor Tokens(int rows, int count) => TestNetworks.Rows(new DataShape(1, count, 6), rows).reshape(rows, count, 6);

    private static Tensor Answer(DiffusersUNet network, int count, Tensor tokens)
    {
        using var denoiser = TestNetworks.Denoiser(network, Shape, layout: Layout(count));
        using var x = TestNetworks.Rows(Shape, 2);
        return denoiser.Answer(x, Level, new Conditioning(denoiser.Conditions, tokens.reshape(2, -1)));
    }
}
