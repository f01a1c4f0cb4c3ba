namespace Microsoft.ML.Diffusion;

/// <summary>
/// The step control of SciPy's <c>solve_ivp(method="RK45")</c>: the last step is shortened to the end, so that the denoiser is never asked beyond it; after a
/// rejected step the next does not grow. The error is that of the formula of order 4 (Dormand and Prince 1980, doi:10.1016/0771-050X(80)90013-3).
/// </summary>
public sealed class ClippedStepControl : StepControl
{
    private static readonly double[] _errorWeights =
        [-71.0 / 57600, 0, 71.0 / 16695, -71.0 / 1920, 17253.0 / 339200, -22.0 / 525, 1.0 / 40];

    internal override ReadOnlySpan<double> ErrorWeights => _errorWeights;

    internal override bool StopsAtEnd => true;

    internal override bool NormPerPart => false;

    internal override (bool Accepted, double Factor) Judge(double error, bool wasRejected)
    {
        double wished = Safety * Math.Pow(error, ErrorExponent);
        return error < 1
            ? (true, Math.Min(wasRejected ? 1 : GreatestFactor, wished))
            : (false, Math.Max(LeastFactor, wished));
    }
}
