namespace Microsoft.ML.Diffusion;

/// <summary>The network predicts the clean data x0 itself (Ho et al. 2020, arXiv:2006.11239, section 3.2). Defined at every level.</summary>
public sealed class X0Parameterization : Parameterization
{
    /// <inheritdoc/>
    public override Preconditioning At(NoiseLevel level)
        => new(0, 1, 1 / Math.Sqrt(level.Alpha * level.Alpha + level.Sigma * level.Sigma));
}
