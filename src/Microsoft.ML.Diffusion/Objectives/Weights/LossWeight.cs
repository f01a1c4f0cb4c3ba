using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// How much each noise level counts in <see cref="DenoisingObjective"/>. Stated over the squared error in x0, so that one weight means the same whatever the
/// network predicts: a prediction's error is that in x0 divided by <see cref="Preconditioning.Out"/>. A new one is one class and one line in the list of kinds below.
/// </summary>
/// <remarks>
/// Immutable and thread safe. Weights of a score's error, <see cref="ScoreWeight"/>, serve through <see cref="ScoreLossWeight"/>.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UniformLossWeight), "uniform")]
[JsonDerivedType(typeof(SnrLossWeight), "snr")]
[JsonDerivedType(typeof(TruncatedSnrLossWeight), "truncated-snr")]
[JsonDerivedType(typeof(MinSnrLossWeight), "min-snr")]
[JsonDerivedType(typeof(SoftMinSnrLossWeight), "soft-min-snr")]
[JsonDerivedType(typeof(P2LossWeight), "p2")]
[JsonDerivedType(typeof(CosMapLossWeight), "cosmap")]
[JsonDerivedType(typeof(ScoreLossWeight), "score")]
public abstract class LossWeight
{
    /// <summary>The weight of the squared error in x0; not negative.</summary>
    /// <param name="level">The level; noise above 0.</param>
    /// <param name="parameterization">What the network predicts.</param>
    public abstract double OnX0(NoiseLevel level, Parameterization parameterization);

    /// <summary>The weight of the squared error in units of the network's target, F − F*: that in x0 times out².</summary>
    /// <param name="level">The level; noise above 0.</param>
    /// <param name="parameterization">What the network predicts.</param>
    public virtual double OnTarget(NoiseLevel level, Parameterization parameterization)
    {
        ArgumentNullException.ThrowIfNull(parameterization);
        double factor = parameterization.At(level).Out;
        return OnX0(level, parameterization) * factor * factor;
    }

    /// <summary>A parameter of a weight, checked to be positive.</summary>
    private protected static double Positive(double value, string name, bool infinite = false)
        => value > 0 && (infinite || double.IsFinite(value))
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be positive{(infinite ? "" : " and finite")}.");
}
