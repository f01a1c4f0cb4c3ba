using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Which noise level belongs to which time: t in [0, 1], from data (0) to noise (1). The log-SNR never rises with t.
/// A new family is one class and one line in the list of kinds below, under which it is stored in model files.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(EdmSchedule), "edm")]
[JsonDerivedType(typeof(LinearBetaSchedule), "linear")]
[JsonDerivedType(typeof(ScaledLinearBetaSchedule), "scaled-linear")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(VpSchedule), "vp")]
[JsonDerivedType(typeof(SubVpSchedule), "sub-vp")]
[JsonDerivedType(typeof(VeSchedule), "ve")]
[JsonDerivedType(typeof(RectifiedFlowSchedule), "rectified-flow")]
[JsonDerivedType(typeof(PolynomialFlowSchedule), "polynomial-flow")]
[JsonDerivedType(typeof(CosineFlowSchedule), "cosine-flow")]
[JsonDerivedType(typeof(LinearVpFlowSchedule), "linear-vp-flow")]
[JsonDerivedType(typeof(GeometricFromDataSchedule), "geometric-from-data")]
[JsonDerivedType(typeof(SigmoidSchedule), "sigmoid")]
[JsonDerivedType(typeof(SigmoidBetaSchedule), "sigmoid-beta")]
[JsonDerivedType(typeof(SqrtBetaSchedule), "sqrt-beta")]
[JsonDerivedType(typeof(ZeroTerminalSnrSchedule), "zero-terminal-snr")]
[JsonDerivedType(typeof(BetaTableSchedule), "beta-table")]
public abstract class NoiseSchedule
{
    /// <summary>The level at a time.</summary>
    /// <param name="t">Time in [0, 1].</param>
    public abstract NoiseLevel At(double t);

    /// <summary>(dα/dt, dσ/dt) at a time.</summary>
    /// <param name="t">Time in [0, 1].</param>
    public abstract LevelDerivative DerivativeAt(double t);

    /// <summary>
    /// f and g² of the SDE dx = f·x dt + g dw whose marginals are the levels of the schedule: f = α'/α and g² = 2σσ' − 2fσ², which follow from
    /// dα/dt = fα and dσ²/dt = 2fσ² + g² (Kingma et al. 2021, arXiv:2107.00630, appendix A).
    /// </summary>
    /// <param name="t">Time in [0, 1]; not where the derivatives are infinite, as the variance-preserving SDE's at 0.</param>
    public SdeCoefficients SdeAt(double t)
    {
        var (alpha, sigma) = At(t);
        var velocity = DerivativeAt(t);
        double drift = velocity.Alpha / alpha;
        return new SdeCoefficients(drift, 2 * sigma * (velocity.Sigma - drift * sigma));
    }

    /// <summary>
    /// The step of a forward chain of a number of steps that leads to a time. Unless the family was trained on a chain of its own, Euler and
    /// Maruyama's: f/N and g/√N (Song et al. 2021, arXiv:2011.13456, appendix E).
    /// </summary>
    /// <param name="t">Time in [0, 1]; not where the derivatives are infinite.</param>
    /// <param name="steps">N, the number of steps of the chain; at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> is below 2, or too small for the schedule.</exception>
    public virtual SdeStep Discretize(double t, int steps)
    {
        CheckChain(steps);
        var (drift, diffusionSquared) = SdeAt(t);
        return new SdeStep(drift / steps, Math.Sqrt(diffusionSquared / steps));
    }

    /// <summary>The time at which the log-SNR has a value; the nearest end of [0, 1] where the schedule does not reach it.</summary>
    /// <param name="logSnr">ln(α²/σ²); infinite values are legal.</param>
    public abstract double TimeOf(double logSnr);

    /// <summary>The schedule with what it takes from the data filled in; itself unless it takes something.</summary>
    /// <param name="data">The data in model space.</param>
    public virtual NoiseSchedule FitTo(IModelSpaceData data) => this;

    /// <summary>
    /// The map from a uniform u in (0, 1) to t that draws training times: the quantile function of their density, or as good a map.
    /// Uniform times unless the family has a better habit.
    /// </summary>
    /// <param name="u">A uniform number in (0, 1).</param>
    public virtual double TrainingTime(double u) => u;

    /// <summary>The standard deviation of the noise from which sampling starts at a level: 1 for variance-preserving schedules.</summary>
    /// <param name="level">The first level of a sampling run.</param>
    public virtual double PriorScale(NoiseLevel level) => Math.Sqrt(level.Alpha * level.Alpha + level.Sigma * level.Sigma);

    /// <summary>The smallest σ/α above 0, and the largest, that sampling visits.</summary>
    [JsonIgnore]
    public abstract (double Smallest, double Largest) RatioRange { get; }

    /// <summary>The spacing of sampling steps that suits the family when the user names none.</summary>
    [JsonIgnore]
    public abstract TimeSpacing DefaultSpacing { get; }

    /// <summary>The link of a chain that a time belongs to, from 0: ⌊t·(N−1)⌋.</summary>
    private protected static int LinkOf(double t, int steps)
    {
        CheckChain(steps);
        return t is >= 0 and <= 1 ? WholePart.Of(t * (steps - 1)) : throw new ArgumentOutOfRangeException(nameof(t), t, "Time must be in [0, 1].");
    }

    private static void CheckChain(int steps)
    {
        if (steps < 2)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, "A forward chain needs at least 2 steps.");
    }
}
