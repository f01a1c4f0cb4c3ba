using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The independent normal distributions of latents that a <see cref="KlAutoencoder"/> says of pictures.</summary>
/// <remarks>Owns its tensors.</remarks>
public sealed class LatentGaussian : IDisposable
{
    // Beyond, e^x is no Float32 that one computes with.
    private const double LeastLogVariance = -30, GreatestLogVariance = 20;

    /// <summary>The distributions of an encoder's answer.</summary>
    /// <param name="moments">Means, then logarithms of variances: [B, 2C, h, w]. The logarithms are limited to [−30, 20].</param>
    /// <exception cref="ArgumentException">An odd number of channels.</exception>
    public LatentGaussian(Tensor moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        if (moments.dim() < 2 || moments.size(1) % 2 != 0)
            throw new ArgumentException($"Expected means and logarithms of variances [B, 2C, ...], got [{string.Join(", ", moments.shape)}].", nameof(moments));
        long channels = moments.size(1) / 2;
        Mean = moments.narrow(1, 0, channels);
        using var logs = moments.narrow(1, channels, channels);
        LogVariance = logs.Limit(LeastLogVariance, GreatestLogVariance);
    }

    /// <summary>The means, and likeliest latents [B, C, h, w]; not the caller's to dispose.</summary>
    public Tensor Mean { get; }

    /// <summary>The logarithms of the variances [B, C, h, w]; not the caller's to dispose.</summary>
    public Tensor LogVariance { get; }

    /// <summary>Draws latents: a fresh tensor.</summary>
    /// <param name="noise">The source of random numbers, one row of it for each row of the batch.</param>
    /// <param name="draw">The number of the draw within each row.</param>
    public Tensor Sample(INoiseSource noise, int draw)
    {
        ArgumentNullException.ThrowIfNull(noise);
        using var unit = noise.Normal(draw, Mean);
        using var half = LogVariance.Times(0.5);
        using var deviation = half.exp();
        using var spread = unit.mul(deviation);
        return Mean.Plus(spread);
    }

    /// <summary>The Kullback–Leibler divergence from the unit normal distribution, in nats, of each row: ½·Σ(μ² + σ² − 1 − ln σ²). [B], a fresh tensor.</summary>
    public Tensor Divergence()
    {
        using var square = Mean.Squared();
        using var variance = LogVariance.exp();
        using var sum = square.Plus(variance);
        using var rest = sum.Minus(LogVariance);
        using var flat = rest.flatten(1);
        using var terms = flat.Plus(-1);
        using var total = terms.sum(1);
        return total.Times(0.5);
    }

    /// <summary>Releases the tensors.</summary>
    public void Dispose()
    {
        Mean.Dispose();
        LogVariance.Dispose();
    }
}
