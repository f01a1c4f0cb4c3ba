namespace Microsoft.ML.Diffusion;

/// <summary>
/// The sub-VP SDE: α as in <see cref="VpSchedule"/>, with less noise, σ = 1 − α² (Song et al. 2021, arXiv:2011.13456, eq. 12 and 34). Its
/// variance α² + σ² is below 1 on the way.
/// </summary>
/// <param name="betaMin">β(0); not negative. 0.1 unless given.</param>
/// <param name="betaMax">β(1); above <paramref name="betaMin"/>, finite. 20 unless given.</param>
/// <param name="density">From which density training draws its times; uniform unless given.</param>
public sealed class SubVpSchedule(double betaMin = 0.1, double betaMax = 20, TimeDensity? density = null) : LinearBetaRateSchedule(betaMin, betaMax, density)
{
    /// <inheritdoc/>
    public override NoiseLevel At(double t)
    {
        double integral = IntegralTo(t);
        return new NoiseLevel(Math.Exp(-integral / 2), -ExpMinusOne.Of(-integral));
    }

    /// <inheritdoc/>
    public override LevelDerivative DerivativeAt(double t)
    {
        double alpha = At(t).Alpha, rate = RateAt(t);
        return new LevelDerivative(-rate / 2 * alpha, rate * alpha * alpha);
    }

    // σ/α = (1 − α²)/α = 2·sinh(½∫β).
    private protected override double IntegralOf(double ratio) => 2 * Math.Asinh(ratio / 2);
}
