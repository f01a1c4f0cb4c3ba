namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// The average of a constant decay β, which rises to it at the start so that the first weights are forgotten soon (diffusers' EMAModel). After n steps β is
/// (1 + n)/(10 + n), or with a power p, 1 − (1 + n/γ)^(−p), limited to [least, decay].
/// </summary>
/// <param name="decay">β, in [0, 1). 0.9999 unless given.</param>
/// <param name="power">p, positive: 2/3 for runs of a million steps, 3/4 for shorter ones; null for the other rise.</param>
/// <param name="inverseGamma">γ; positive. 1 unless given.</param>
/// <param name="least">The smallest β once the average begins, in [0, decay]. 0 unless given.</param>
/// <param name="begin">The number of steps before the average begins; until then it is the last weights. 0 unless given.</param>
public sealed class ExponentialAverage(double decay = 0.9999, double? power = null, double inverseGamma = 1, double least = 0, long begin = 0) : WeightAverage
{
    /// <summary>β in the end.</summary>
    public double Decay { get; } = decay is >= 0 and < 1 ? decay : throw new ArgumentOutOfRangeException(nameof(decay), decay, "The decay must be in [0, 1).");

    /// <summary>p; null for the rise (1 + n)/(10 + n).</summary>
    public double? Power { get; } = power is null or (> 0 and < double.PositiveInfinity) ? power : throw new ArgumentOutOfRangeException(nameof(power), power, "The power must be positive and finite.");

    /// <summary>γ.</summary>
    public double InverseGamma { get; } = inverseGamma is > 0 and < double.PositiveInfinity ? inverseGamma : throw new ArgumentOutOfRangeException(nameof(inverseGamma), inverseGamma, "γ must be positive and finite.");

    /// <summary>The smallest β once the average begins.</summary>
    public double Least { get; } = least >= 0 && least <= decay ? least : throw new ArgumentOutOfRangeException(nameof(least), least, FormattableString.Invariant($"The least decay must be in [0, {decay}]."));

    /// <summary>The number of steps before the average begins.</summary>
    public long Begin { get; } = begin >= 0 ? begin : throw new ArgumentOutOfRangeException(nameof(begin), begin, "The begin must not be negative.");

    /// <inheritdoc/>
    public override double WeightAt(long step)
    {
        double n = step - Begin - 1;
        if (n <= 0)
            return 1;
        double beta = Power is { } p ? 1 - Math.Pow(1 + n / InverseGamma, -p) : (1 + n) / (10 + n);
        return 1 - Math.Clamp(beta, Least, Decay);
    }
}
