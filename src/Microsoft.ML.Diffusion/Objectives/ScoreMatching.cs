using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What the objectives share that match a score by its derivative.</summary>
internal static class ScoreMatching
{
    /// <summary>The mean over rows of two terms of each.</summary>
    /// <param name="score">The score function.</param>
    /// <param name="x">The data.</param>
    /// <param name="terms">The size term and the slope term [B] of x, which records gradients, and its score.</param>
    public static Tensor Loss(Func<Tensor, Tensor> score, Tensor x, Func<Tensor, Tensor, (Tensor Size, Tensor Slope)> terms)
    {
        ArgumentNullException.ThrowIfNull(score);
        ArgumentNullException.ThrowIfNull(x);
        using var on = enable_grad();
        using var states = x.detach();
        states.requires_grad_();
        using var scores = score(states);
        var (size, slope) = terms(states, scores);
        using (size)
        using (slope)
        {
            using var rows = size.Plus(slope);
            return rows.mean();
        }
    }
}
