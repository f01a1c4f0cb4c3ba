namespace Microsoft.ML.Diffusion;

/// <summary>A step length that follows errors, as in k-diffusion.</summary>
internal sealed class PidController(double step, PidGains gains, double order, double acceptSafety)
{
    private const double Least = 1e-8;

    private (double Last, double Before, double First)? _inverses;

    /// <summary>The length of the next step.</summary>
    public double Step { get; private set; } = step;

    /// <summary>Sizes the next step; whether the last one is accepted.</summary>
    public bool Propose(double error)
    {
        double inverse = 1 / (error + Least);
        var (_, before, first) = _inverses ?? (inverse, inverse, inverse);
        var (proportional, integral, derivative) = gains;
        double factor = Math.Pow(inverse, (proportional + integral + derivative) / order)
            * Math.Pow(before, -(proportional + 2 * derivative) / order)
            * Math.Pow(first, derivative / order);
        // Changes smoothly limited.
        factor = 1 + Math.Atan(factor - 1);
        bool accepted = factor >= acceptSafety;
        _inverses = accepted ? (inverse, inverse, before) : (inverse, before, first);
        Step *= factor;
        return accepted;
    }
}
