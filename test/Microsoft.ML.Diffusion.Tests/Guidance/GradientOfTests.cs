using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>An error inside libtorch's autograd would end the process: that these tests end is part of what they say.</summary>
[TestClass]
public sealed class GradientOfTests
{
    private static readonly NoiseLevel Level = new(0.8, 0.6);

    public static IEnumerable<object[]> Unfit =>
    [
        ["one number for each of the 3 rows", (Func<Tensor, Tensor>)(x => x.sum())],
        ["got [3, 2]", (Func<Tensor, Tensor>)(x => x.clone())],
        ["real numbers, got Int64", (Func<Tensor, Tensor>)(x => x.argmax(1))],
        ["has no gradient", (Func<Tensor, Tensor>)(x => x.detach().sum(1))],
        ["has no gradient", (Func<Tensor, Tensor>)(x => ones(3, dtype: float64).requires_grad_())],
        ["is NaN or infinite in row 0 at level (α 0.8, σ 0.6)", (Func<Tensor, Tensor>)(x => x.sum(1).Times(double.NaN))],
        ["The gradient: The value is NaN or infinite in row", (Func<Tensor, Tensor>)(x => x.sub(x.detach()).Squared().sum(1).sqrt())],
    ];

    [TestMethod]
    [DynamicData(nameof(Unfit))]
    public void Rows_WhatCanNotBeDifferentiated_IsRefusedByName(string expected, Func<Tensor, Tensor> value)
    {
        using var noGrad = no_grad();
        using var x = GuidanceLab.Rows(3);
        Assert.Contains(expected, Assert.ThrowsExactly<InvalidOperationException>(() => GradientOf.Rows(x, Level, "The value", value)).Message);
        Assert.IsFalse(is_grad_enabled());
    }

    [TestMethod]
    public void Rows_UnderNoGrad_IsTheGradientOfEachRow()
    {
        using var noGrad = no_grad();
        using var x = GuidanceLab.Rows(3);
        using var expected = x.Times(2);
        TensorLeak.AssertNone(() =>
        {
            using var gradient = GradientOf.Rows(x, Level, "The value", leaf =>
            {
                using var squares = leaf.Squared();
                return squares.sum(1);
            });
            Assert.AreEqual(0, Moments.Distance(expected, gradient));
            Assert.IsFalse(gradient.requires_grad);
        });
        Assert.IsFalse(x.requires_grad);
    }

    [TestMethod]
    public void Through_NetworkWithTrainableWeights_LeavesNoGradientInThem()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 8 }, new DataShape(5), trainable: true);
        using var x = TestNetworks.Rows(new DataShape(5), 3);
        var (answer, gradient) = GradientOf.Through(denoiser, x, new StepContext(Level), TestNetworks.Conditions(3), "The value", x0 => x0.sum(1));
        using (answer.X0)
        using (gradient)
            Assert.IsFalse(answer.X0.requires_grad);
        Assert.AreEqual(0, TestNetworks.Values(denoiser.Parameters.Gradients).Max(MathF.Abs));
    }

    [TestMethod]
    public void Through_ACallerThatRecords_KeepsTheGraphOfTheAnswer()
    {
        using var scope = NewDisposeScope();
        var inner = ComponentMixture.Plane.Whole;
        var x = GuidanceLab.Rows(3).requires_grad_();
        var (answer, gradient) = GradientOf.Through(inner, x, new StepContext(Level), Conditioning.None, "The value", x0 => x0.sum(1));
        Assert.IsFalse(gradient.requires_grad);
        GuidanceLab.AssertEqual(gradient, autograd.grad([answer.X0.sum()], [x])[0]);
    }
}
