namespace Microsoft.ML.Diffusion;

/// <summary>
/// A step size that falls as ε_t = a·(b + t)^−γ (Welling and Teh 2011, "Bayesian Learning via Stochastic Gradient Langevin Dynamics", section 2). With γ in
/// (0.5, 1] steps reach everywhere (Σε = ∞) and their bias dies out (Σε² &lt; ∞); with less a bias stays.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="scale">a; positive.</param>
/// <param name="offset">b; positive. 1 unless given.</param>
/// <param name="decay">γ; in [0, 1]. 0.55 unless given; 0 for a constant step.</param>
public sealed class PolynomialStepSize(double scale, double offset = 1, double decay = 0.55)
{
    /// <summary>a.</summary>
    public double Scale { get; } = ProposalOptions.CheckPositive(scale, nameof(scale));

    /// <summary>b.</summary>
    public double Offset { get; } = ProposalOptions.CheckPositive(offset, nameof(offset));

    /// <summary>γ.</summary>
    public double Decay { get; } = decay is >= 0 and <= 1 ? decay : throw new ArgumentOutOfRangeException(nameof(decay), decay, "The decay must be in [0, 1].");

    /// <summary>The step size ε_t.</summary>
    /// <param name="step">t, from 0.</param>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return Scale * Math.Pow(Offset + step, -Decay);
    }
}
