using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// An average that forgets at a constant fraction of the run, however long it gets: power-function EMA (Karras et al. 2024,
/// arXiv:2312.02696, section 3.1). The average after step t weighs step τ by τ^γ.
/// </summary>
/// <param name="length">σ_rel, the standard deviation of the average's profile as a fraction of the run, in (0, 1/√12]. 0.05 unless given.</param>
public sealed class PowerFunctionAverage(double length = 0.05) : WeightAverage
{
    /// <summary>The largest relative length: that of the plain average, γ = 0 (eq. 123 with γ = 0 is 1/√12).</summary>
    internal static double LargestLength { get; } = Math.Sqrt(1.0 / 12);

    private readonly double _exponent = ExponentOf(length);

    /// <summary>σ_rel.</summary>
    public double Length { get; } = length;

    /// <summary>γ, the exponent of σ_rel: step τ weighs τ^γ.</summary>
    [JsonIgnore]
    public double Exponent => _exponent;

    /// <summary>1 − β, β = (1 − 1/t)^(γ+1) (eq. 121): the first step replaces all.</summary>
    /// <param name="step">t, from 1.</param>
    public override double WeightAt(long step) => 1 - DecayBetween(step - 1, step);

    /// <summary>β = (from/to)^(γ+1): how much of an average after some time of the run is left in that after a longer one.</summary>
    /// <param name="from">The shorter time, in steps or any other unit; not negative.</param>
    /// <param name="to">The longer time; positive.</param>
    public double DecayBetween(double from, double to) => Math.Pow(from / to, _exponent + 1);

    /// <summary>γ for a relative length.</summary>
    internal static double ExponentOf(double length)
    {
        if (!(length > 0 && length <= LargestLength))
            throw new ArgumentOutOfRangeException(nameof(length), length, "The length must be in (0, 0.288].");
        // σ_rel² = (γ + 1)/((γ + 2)²·(γ + 3)) falls with γ: bisection.
        double low = 0, high = 1;
        while (LengthOf(high) > length)
            high *= 2;
        // To the last bit of a number between them.
        for (int i = 0; i < 200; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = LengthOf(middle) > length ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    /// <summary>σ_rel of an exponent (eq. 123).</summary>
    /// <param name="exponent">γ; not negative.</param>
    internal static double LengthOf(double exponent) => Math.Sqrt((exponent + 1) / (exponent + 3)) / (exponent + 2);
}
