using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Score matching with the whole trace, the mean over rows of ½‖s‖² + tr ∇s (Hyvärinen 2005, JMLR 6:695, eq. 4): a backward pass for each value of a row, so for small
/// dimensions.
/// </summary>
public static class ExactScoreMatching
{
    /// <summary>The loss of a batch, a scalar through which gradients flow to the parameters of the score: a fresh tensor.</summary>
    /// <param name="score">s: maps x [B, ...] to a fresh tensor of the same shape, through which gradients flow twice.</param>
    /// <param name="x">The data x [B, ...].</param>
    /// <exception cref="InvalidOperationException">The score has another shape, or records no gradient.</exception>
    public static Tensor Loss(Func<Tensor, Tensor> score, Tensor x) => ScoreMatching.Loss(score, x, (states, scores) =>
    {
        var trace = Divergence.Exact(states, scores, createGraph: true);
        using var sum = RowSums.OfProduct(scores, scores);
        return (sum.Times(0.5), trace);
    });
}
