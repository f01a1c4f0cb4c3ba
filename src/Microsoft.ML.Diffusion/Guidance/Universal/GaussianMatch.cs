using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>ln N(target; value, deviation²) up to a constant, which objectives of likeness have in common.</summary>
internal static class GaussianMatch
{
    /// <summary>The deviation as given.</summary>
    public static double Check(double deviation) => deviation > 0 && double.IsFinite(deviation)
        ? deviation
        : throw new ArgumentOutOfRangeException(nameof(deviation), deviation, "The deviation must be positive and finite.");

    /// <summary>−Σ (value − target)²/(2·deviation²) of each row: [B], a fresh tensor.</summary>
    public static Tensor LogLikelihood(Tensor value, Tensor target, double deviation)
    {
        using var sums = RowSums.OfSquaredDifference(value, target);
        return sums.Times(-0.5 / (deviation * deviation));
    }
}
