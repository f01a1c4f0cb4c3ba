using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>x·Wᵀ, scaled to length 1, whatever the level.</summary>
/// <param name="weights">W [size, values], row by row.</param>
/// <param name="size">The length of the vectors.</param>
public sealed class LinearEncoder(double[] weights, int size) : IEncoder
{
    public int Size => size;

    /// <summary>The level of the first row of the last call.</summary>
    public NoiseLevel? LastLevel { get; private set; }

    public Tensor Embed(Tensor x, NoiseLevels levels)
    {
        LastLevel = levels[0];
        using var rows = x.flatten(1);
        using var w = tensor(weights, size, weights.Length / size, dtype: x.dtype);
        using var turned = w.t();
        using var vectors = rows.mm(turned);
        return nn.functional.normalize(vectors);
    }
}
