namespace Microsoft.ML.Diffusion;

/// <summary>
/// Every level counts alike in units of a target: of the network's own target unless another is given. With ε's it is L_simple (Ho et al. 2020, arXiv:2006.11239,
/// eq. 14), with EDM's the λ(σ) of Karras et al. 2022 (arXiv:2206.00364, Table 1), with v's the "SNR+1" of Salimans and Ho 2022 (arXiv:2202.00512, section 4), with
/// the velocity's that of flow matching (Lipman et al. 2023, arXiv:2210.02747, eq. 9), whatever the network predicts.
/// </summary>
/// <param name="target">The prediction in whose units the error counts alike; null for the network's own.</param>
public sealed class UniformLossWeight(Parameterization? target = null) : LossWeight
{
    /// <summary>The prediction in whose units the error counts alike; null for the network's own.</summary>
    public Parameterization? Target { get; } = target;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The prediction is not defined at the level.</exception>
    public override double OnX0(NoiseLevel level, Parameterization parameterization)
    {
        ArgumentNullException.ThrowIfNull(parameterization);
        double factor = (Target ?? parameterization).At(level).Out;
        return 1 / (factor * factor);
    }

    /// <inheritdoc/>
    /// <remarks>Exactly 1 in units of the network's own target.</remarks>
    public override double OnTarget(NoiseLevel level, Parameterization parameterization) => Target is null ? 1 : base.OnTarget(level, parameterization);
}
