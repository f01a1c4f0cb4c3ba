using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Counter-based noise: equal draws are equal, whatever their order. Knows what was drawn.</summary>
public sealed class ScatteredNoise(int seed) : INoiseSource
{
    private readonly List<int> _draws = [];

    /// <summary>The numbers of the draws so far, in order.</summary>
    public IReadOnlyList<int> Draws => _draws;

    public Tensor Normal(int draw, Tensor like)
    {
        _draws.Add(draw);
        ulong key = Mix(Mix((ulong)seed) + (ulong)draw);
        var values = new double[like.numel()];
        for (int i = 0; i < values.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - Uniform(key, 2 * i)));
            values[i] = radius * Math.Cos(2 * Math.PI * Uniform(key, 2 * i + 1));
        }
        using var host = tensor(values, like.shape);
        return host.to(like.dtype, like.device, copy: true);
    }

    public Tensor Uniform(int draw, Tensor like)
    {
        _draws.Add(draw);
        ulong key = Mix(Mix((ulong)seed) + (ulong)draw);
        double[] values = [.. Enumerable.Range(0, (int)like.numel()).Select(i => Uniform(key, i))];
        using var host = tensor(values, like.shape);
        return host.to(like.dtype, like.device, copy: true);
    }

    private static double Uniform(ulong key, int counter) => (Mix(key + (ulong)counter) >> 11) * (1.0 / (1UL << 53));

    // SplitMix64 (Steele et al. 2014).
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
