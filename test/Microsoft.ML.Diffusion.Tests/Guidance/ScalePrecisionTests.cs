using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>The scale of an option counts in the precision of the run, also for rows that could give their own and do not: 1.7 is not 1.7f.</summary>
[TestClass]
public sealed class ScalePrecisionTests
{
    private const double Scale = 1.7;

    private static readonly ConditionLayout Class = new([new ClassCondition("Class", 2)]);

    public static IEnumerable<object[]> Guidances =>
    [
        [new ClassifierFreeGuidance(Scale), Class, Array.Empty<float>()],
        [new ClassifierFreeGuidance(1) { Conditions = [new ConditionScale("Class", Scale)] }, Class, Array.Empty<float>()],
        [new CompositionGuidance([new ConditionTerm("other", ["Class"], Scale)], Scale), Class, new float[] { 1 }],
        [new Autoguidance(new Share(0.3), Scale), ConditionLayout.Empty, Array.Empty<float>()],
        [new UniversalGuidance(GuidanceObjective.From(x0 => x0.flatten(1).sum(1))) { ForwardWeight = Scale }, ConditionLayout.Empty, Array.Empty<float>()],
    ];

    [TestMethod]
    [DynamicData(nameof(Guidances))]
    public void Denoise_RowsThatMayGiveTheirOwnScaleAndDoNot_HaveTheOptionsInDouble(IGuidance guidance, ConditionLayout conditions, float[] further)
    {
        using var scope = NewDisposeScope();
        using var x = tensor([0.1, -0.7, 0.4, 1.3], 2, 2);
        var inputs = guidance.InputsFor(new DataShape(2), conditions);
        var given = conditions.Append(inputs.Select(input => input with { IsGiven = true }));
        var packed = full(2, given.Width, float.NaN);
        if (conditions.Width > 0)
            packed.narrow(1, 0, 1).fill_(1);
        // Values of conditions, which are no scales, stand behind them.
        for (int i = 0; i < further.Length; i++)
            packed.narrow(1, given.Width - further.Length + i, 1).fill_(further[i]);
        var step = new StepContext(new NoiseLevel(1, 0.5));
        using var rows = guidance.Guide(new Share(0.6), conditions.Slots.Count).Denoise(x, step, new Conditioning(given, packed)).X0;

        var without = conditions.Append(inputs.Select(input => input with { IsGiven = input.Content == GuidanceContent.Condition }));
        using var option = guidance.Guide(new Share(0.6), conditions.Slots.Count).Denoise(x, step, new Conditioning(without, packed)).X0;
        // Rounding of double alone; 1.7f would differ by 3e-8.
        foreach (var (actual, expected) in rows.data<double>().ToArray().Zip(option.data<double>().ToArray()))
            Assert.AreEqual(expected, actual, 1e-14);
    }

    // Part of x, larger for rows that are of a class.
    private sealed class Share(double part) : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            if (condition.Layout.Width == 0 || condition.Layout.Slots[0] is not ClassCondition)
                return new(x.mul(part));
            using var classes = condition.Slot(0);
            using var factor = classes.to(x.dtype).nan_to_num(0).mul(0.1).add(part);
            return new(x.mul(factor));
        }
    }
}
