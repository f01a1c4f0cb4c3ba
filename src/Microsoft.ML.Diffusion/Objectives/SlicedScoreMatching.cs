using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Sliced score matching: the mean over rows of ½(vᵀs)² + vᵀ·∇(vᵀs) for a random v of each row, of which the minimum is the score, without noise in the data (Song et al.
/// 2019, arXiv:1905.07088, eq. 7); with reduced variance ½‖s‖² takes the place of ½(vᵀs)² (eq. 8).
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="probes">The distribution of v; <see cref="KnownProbes.Rademacher"/> unless given.</param>
/// <param name="reducedVariance">Whether ½‖s‖² is computed exactly. True unless given.</param>
public sealed class SlicedScoreMatching(ProbeDistribution? probes = null, bool reducedVariance = true)
{
    /// <summary>The distribution of v.</summary>
    public ProbeDistribution Probes { get; } = probes ?? KnownProbes.Rademacher;

    /// <summary>Whether ½‖s‖² is computed exactly.</summary>
    public bool ReducedVariance { get; } = reducedVariance;

    /// <summary>The loss of a batch, a scalar through which gradients flow to the parameters of the score: a fresh tensor.</summary>
    /// <param name="score">s: maps x [B, ...] to a fresh tensor of the same shape, through which gradients flow twice.</param>
    /// <param name="x">The data x [B, ...].</param>
    /// <param name="noise">The source of v.</param>
    /// <param name="draw">The number of the draw.</param>
    /// <exception cref="InvalidOperationException">The score has another shape, or records no gradient.</exception>
    public Tensor Loss(Func<Tensor, Tensor> score, Tensor x, INoiseSource noise, int draw)
    {
        ArgumentNullException.ThrowIfNull(noise);
        return ScoreMatching.Loss(score, x, (states, scores) =>
        {
            using var v = Probes.Draw(noise, draw, states);
            var slope = Divergence.Along(states, scores, v, keepGraph: true, createGraph: true);
            using var sum = RowSums.OfProduct(scores, ReducedVariance ? scores : v);
            return (ReducedVariance ? sum.Times(0.5) : Half(sum), slope);
        });
    }

    private static Tensor Half(Tensor sum)
    {
        using var square = sum.Squared();
        return square.Times(0.5);
    }
}
