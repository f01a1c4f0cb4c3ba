using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class AutoguidanceTests
{
    private static readonly ComponentMixture Mixture = ComponentMixture.Plane;
    private static readonly StepContext Step = new(new NoiseLevel(1, 0.7));

    [TestMethod]
    public void Denoise_AnyScale_GoesAwayFromTheWeakerAnswer()
    {
        using var scope = NewDisposeScope();
        var x = GuidanceLab.Rows(4);
        var weaker = new ComponentMixture([0.5, 0.3, 0.2], [[-0.8, 0.5], [0.9, -0.4], [0.2, 1.0]], [.. Enumerable.Repeat(new[,] { { 0.5, 0 }, { 0, 0.5 } }, 3)]);
        var guidance = new Autoguidance(weaker, 2);
        var condition = GuidanceLab.With(Mixture.Rows(1, 2, 0, 3), guidance, [double.NaN], [1], [0], [3]);
        var guided = GuidanceLab.Guide(guidance, Mixture, x, Step, condition);
        var (strong, weak) = (Mixture.Denoise(x, Step, condition).X0, weaker.Denoise(x, Step, condition).X0);
        double[] scales = [2, 1, 0, 3];
        for (int row = 0; row < 4; row++)
            GuidanceLab.AssertEqual(weak[row] + (strong[row] - weak[row]).Times(scales[row]), guided[row]);
        Assert.AreEqual(0, Moments.Distance(strong[1], guided[1]));
    }

    [TestMethod]
    public void Denoise_ScaleOne_AsksTheModelAlone()
    {
        using var scope = NewDisposeScope();
        var weaker = new ComponentMixture([1.0, 1], [[0.0, 0], [1.0, 1]], [.. Enumerable.Repeat(new[,] { { 0.5, 0 }, { 0, 0.5 } }, 2)]);
        var x = GuidanceLab.Rows(2);
        var guided = new Autoguidance(weaker, 1).Guide(Mixture).Denoise(x, Step, Mixture.Rows(1, 2)).X0;
        Assert.AreEqual(0, Moments.Distance(Mixture.Denoise(x, Step, Mixture.Rows(1, 2)).X0, guided));
        Assert.IsEmpty(weaker.Batches);
    }

    [TestMethod]
    public void Denoise_WeakerNetworkOfFewerConditions_IsToldTheOnesThatItHas()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var shape = new DataShape(5);
        using var strong = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, shape);
        foreach (var slots in new[] { TestNetworks.Layout.Slots, [TestNetworks.Layout.Slots[1]], [] })
        {
            using var weak = TestNetworks.Denoiser(new ResidualMlp { Width = 8 }, shape, layout: new ConditionLayout(slots));
            var guidance = new Autoguidance(weak, 3);
            Assert.AreSequenceEqual([weak.Trained], guidance.Networks.ToArray());
            Assert.HasCount(1, guidance.InputsFor(shape, TestNetworks.Layout));
            var (x, condition) = (TestNetworks.Rows(shape, 4), TestNetworks.Conditions(4));
            var answer = guidance.Guide(strong).Denoise(x, Step, condition).X0;
            var packed = slots.Count == 0 ? null : slots.Count == 2 ? condition.Packed : condition.Slot(1);
            var (d, w) = (strong.Denoise(x, Step, condition).X0, weak.Denoise(x, Step, new Conditioning(weak.Conditions, packed)).X0);
            // Float32 of order 10.
            Assert.IsLessThan(Float32Tolerance.OfNetwork(), TestNetworks.Distance(w + 3 * (d - w), answer));
        }
    }

    [TestMethod]
    public void InputsFor_WeakerModelThatDoesNotFit_IsRefusedByName()
    {
        using var weak = TestNetworks.Denoiser(new ResidualMlp { Width = 8 }, new DataShape(5));
        Assert.Contains("The weaker model makes samples [5]", Assert.ThrowsExactly<ArgumentException>(() => new Autoguidance(weak).InputsFor(new DataShape(4), TestNetworks.Layout)).Message);
        Assert.Contains("has the condition ClassCondition", Assert.ThrowsExactly<ArgumentException>(() => new Autoguidance(weak).InputsFor(new DataShape(5), ConditionLayout.Empty)).Message);
    }
}
