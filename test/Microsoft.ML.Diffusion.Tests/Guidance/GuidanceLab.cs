using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>What tests of guidances share: exact mixtures, rows with inputs of a guidance, and finite differences.</summary>
internal static class GuidanceLab
{
    /// <summary>Exact in double: rounding of 1e-16 grows by the condition of the mixtures, to 1e-12 at most.</summary>
    public const double Exact = 1e-11;

    public static DataShape Shape { get; } = new(2);

    public static IReadOnlyList<NoiseLevel> Levels { get; } = [new(1, 0.05), new(1, 0.7), new(0.6, 0.8), new(0.05, 1)];

    /// <summary>Noisy rows [count, 2] in double.</summary>
    public static Tensor Rows(int count, int seed = 1)
    {
        using var like = zeros(count, 2, dtype: float64);
        return new ScatteredNoise(seed).Normal(0, like);
    }

    /// <summary>Conditions with the inputs of a guidance behind those of the network, in Double; a row of inputs has the numbers of all of them.</summary>
    public static Conditioning With(Conditioning network, IGuidance guidance, params double[][] inputs)
    {
        var layout = network.Layout.Append(guidance.InputsFor(Shape, network.Layout));
        var given = tensor([.. inputs.SelectMany(row => row)], inputs.Length, inputs[0].Length);
        return new Conditioning(layout, network.Layout.Width == 0 ? given : cat([network.Packed.to(float64), given], 1));
    }

    /// <summary>x̂0 of a guided denoiser.</summary>
    public static Tensor Guide(IGuidance guidance, IDenoiser denoiser, Tensor x, in StepContext step, Conditioning condition)
        => guidance.Guide(denoiser, condition.Layout.Slots.TakeWhile(slot => slot is not GuidanceInput).Count()).Denoise(x, step, condition).X0;

    /// <summary>The gradient of a value of each row [B] by central differences.</summary>
    public static Tensor Differences(Tensor x, Func<Tensor, Tensor> value)
    {
        const double Step = 1e-5;
        using var scope = NewDisposeScope();
        var columns = new List<Tensor>();
        for (int i = 0; i < x.size(1); i++)
        {
            var offset = zeros_like(x);
            offset.narrow(1, i, 1).FillInPlace(Step);
            columns.Add(value(x.Plus(offset)).Minus(value(x.Minus(offset))).Times(0.5 / Step));
        }
        return stack([.. columns], 1).MoveToOuterDisposeScope();
    }

    public static void AssertEqual(Tensor expected, Tensor actual, double tolerance = Exact) => Assert.IsLessThan(tolerance, Moments.Distance(expected, actual));
}
