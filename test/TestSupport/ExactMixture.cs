using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>A mixture of two Gaussians in the plane, with its exact denoiser and moments.</summary>
public static class ExactMixture
{
    private static readonly double[] Weights = [0.4, 0.6];
    private static readonly double[][] Means = [[-1.0, 0.5], [0.8, -0.4]];
    private static readonly double[][,] Covariances = [new[,] { { 0.2, 0.08 }, { 0.08, 0.15 } }, new[,] { { 0.1, -0.05 }, { -0.05, 0.3 } }];

    public static GaussianMixtureDenoiser Denoiser { get; } = new(Weights, Means, Covariances);

    public static double[] Mean { get; } = [.. Enumerable.Range(0, 2).Select(i => Weights.Zip(Means, (w, m) => w * m[i]).Sum())];

    public static double Covariance(int i, int j)
        => Enumerable.Range(0, 2).Sum(k => Weights[k] * (Covariances[k][i, j] + (Means[k][i] - Mean[i]) * (Means[k][j] - Mean[j])));

    /// <summary>A batch of zeros [rows, 2] in double.</summary>
    public static Tensor Rows(int rows) => zeros(rows, 2, dtype: float64);
}
