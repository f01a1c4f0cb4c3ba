using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// What a Markov chain walks on: a density that is known up to a factor, given (<see cref="DifferentiableLogDensity"/>) or learned
/// (<see cref="DenoiserLogDensity"/>).
/// </summary>
/// <remarks>Implementations leave no tensor behind but the result, and never dispose their arguments. A row of a result depends on that row alone.</remarks>
public interface ILogDensity
{
    /// <summary>Evaluates the density at a batch of states.</summary>
    /// <param name="x">The states x [B, ...], which the answer takes over: from here on they are its own.</param>
    /// <param name="withScore">Whether the score ∇ ln p(x) is wanted.</param>
    /// <returns>The answer; the caller owns it.</returns>
    DensityPoint At(Tensor x, bool withScore);

    /// <summary>ln p(to) − ln p(from) of each row.</summary>
    /// <param name="from">Where the density was evaluated.</param>
    /// <param name="to">Where else it was evaluated.</param>
    /// <returns>[B], a fresh tensor that the caller owns.</returns>
    Tensor LogRatio(DensityPoint from, DensityPoint to);
}
