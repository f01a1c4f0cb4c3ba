namespace Microsoft.ML.Diffusion;

/// <summary>
/// The variance-preserving SDE, dx = −½β(t)·x dt + √β(t) dw with β rising linearly in time: α = e^(−½∫β), α² + σ² = 1
/// (Song et al. 2021, arXiv:2011.13456, eq. 11 and 33).
/// </summary>
/// <param name="betaMin">β(0); not negative. 0.1 unless given.</param>
/// <param name="betaMax">β(1); above <paramref name="betaMin"/>, finite. 20 unless given.</param>
public sealed class VpSchedule(double betaMin = 0.1, double betaMax = 20) : LinearBetaRateSchedule(betaMin, betaMax)
{
    /// <inheritdoc/>
    public override NoiseLevel At(double t)
    {
        double integral = IntegralTo(t);
        return new NoiseLevel(Math.Exp(-integral / 2), Math.Sqrt(-ExpMinusOne.Of(-integral)));
    }

    /// <inheritdoc/>
    /// <remarks>dσ/dt is infinite at t = 0.</remarks>
    public override LevelDerivative DerivativeAt(double t)
    {
        var (alpha, sigma) = At(t);
        double half = RateAt(t) / 2;
        return new LevelDerivative(-half * alpha, half * alpha * alpha / sigma);
    }

    /// <inheritdoc/>
    /// <remarks>DDPM's chain: β of link k is on the line from β_min/N to β_max/N.</remarks>
    public override SdeStep Discretize(double t, int steps)
    {
        double beta = RateAt(LinkOf(t, steps) / (steps - 1.0)) / steps;
        if (BetaMax > steps)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, $"A chain of this schedule needs at least β_max = {BetaMax} steps.");
        return new SdeStep(Math.Sqrt(1 - beta) - 1, Math.Sqrt(beta));
    }

    // σ²/α² = e^∫β − 1.
    private protected override double IntegralOf(double ratio) => Math.Log(1 + ratio * ratio);
}
