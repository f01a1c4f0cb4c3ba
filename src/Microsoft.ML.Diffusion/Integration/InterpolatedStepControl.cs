namespace Microsoft.ML.Diffusion;

/// <summary>
/// The step control of torchdiffeq's <c>odeint(method="dopri5")</c>: the last step goes past the end, where the denoiser is asked too, and the state at the end is
/// interpolated with a polynomial of degree 4; an accepted step never shortens the next. The error is that of Shampine's formula (Shampine 1986,
/// doi:10.1090/S0025-5718-1986-0815836-3).
/// </summary>
public sealed class InterpolatedStepControl : StepControl
{
    private static readonly double[] _errorWeights =
    [
        35.0 / 384 - 1951.0 / 21600,
        0,
        500.0 / 1113 - 22642.0 / 50085,
        125.0 / 192 - 451.0 / 720,
        -2187.0 / 6784 + 12231.0 / 42400,
        11.0 / 84 - 649.0 / 6300,
        -1.0 / 60,
    ];

    internal override ReadOnlySpan<double> ErrorWeights => _errorWeights;

    internal override bool StopsAtEnd => false;

    internal override bool NormPerPart => true;

    internal override (bool Accepted, double Factor) Judge(double error, bool wasRejected)
    {
        double wished = Safety * Math.Pow(error, ErrorExponent);
        return (error <= 1, Math.Min(GreatestFactor, Math.Max(wished, error < 1 ? 1 : LeastFactor)));
    }
}
