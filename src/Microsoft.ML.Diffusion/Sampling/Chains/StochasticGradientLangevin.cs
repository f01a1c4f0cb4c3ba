using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Stochastic gradient Langevin dynamics (Welling and Teh 2011, "Bayesian Learning via Stochastic Gradient Langevin Dynamics", eq. 4): parameters θ walk
/// over their posterior by gradients of small batches, θ + ε/2·(∇ ln p(θ) + N/n·Σ ∇ ln p(x_i|θ)) + √ε·z.
/// </summary>
/// <remarks>Immutable and thread safe; θ is the state.</remarks>
public sealed class StochasticGradientLangevin
{
    /// <summary>An update rule for a data set.</summary>
    /// <param name="stepSize">ε of each step.</param>
    /// <param name="examples">N, the number of examples of the data set; at least 1.</param>
    public StochasticGradientLangevin(PolynomialStepSize stepSize, long examples)
    {
        ArgumentNullException.ThrowIfNull(stepSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        StepSize = stepSize;
        Examples = examples;
    }

    /// <summary>ε of each step.</summary>
    public PolynomialStepSize StepSize { get; }

    /// <summary>N, the number of examples of the data set.</summary>
    public long Examples { get; }

    /// <summary>Takes a step, in the place of θ.</summary>
    /// <param name="theta">θ, of any shape.</param>
    /// <param name="priorScore">∇ ln p(θ), of θ's shape.</param>
    /// <param name="likelihoodScore">Σ ∇ ln p(x_i|θ) over the examples of the batch, of θ's shape.</param>
    /// <param name="batch">n, the number of examples of the batch; in [1, N].</param>
    /// <param name="step">t, the number of the step, from 0.</param>
    /// <param name="noise">z, standard normal, of θ's shape.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch is empty or larger than the data set, or the step is negative.</exception>
    public void Update(Tensor theta, Tensor priorScore, Tensor likelihoodScore, int batch, long step, Tensor noise)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(priorScore);
        ArgumentNullException.ThrowIfNull(likelihoodScore);
        ArgumentNullException.ThrowIfNull(noise);
        if (batch < 1 || batch > Examples)
            throw new ArgumentOutOfRangeException(nameof(batch), batch, $"The batch must have 1 to {Examples} examples.");
        double epsilon = StepSize.At(step);
        using var off = no_grad();
        using var prior = priorScore.Times(epsilon / 2);
        using var likelihood = likelihoodScore.Times(epsilon / 2 * Examples / batch);
        using var fresh = noise.Times(Math.Sqrt(epsilon));
        theta.PlusInPlace(prior).PlusInPlace(likelihood).PlusInPlace(fresh);
    }
}
