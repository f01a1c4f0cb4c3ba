namespace Microsoft.ML.Diffusion;

/// <summary>
/// λ = σ^p: with p = 2, under which every level counts about as much (Song and Ermon 2019, arXiv:1907.05600, section 4.2), the loss is the squared error of the
/// estimated noise.
/// </summary>
/// <param name="power">p; finite. 2 unless given.</param>
public sealed class SigmaPowerWeight(double power = 2) : ScoreWeight
{
    /// <summary>The exponent p.</summary>
    public double Power { get; } = double.IsFinite(power) ? power : throw new ArgumentOutOfRangeException(nameof(power), power, "The power must be finite.");

    /// <inheritdoc/>
    public override double At(NoiseLevel level, double? time) => Math.Pow(level.Sigma, Power);
}
