namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// A trapezoid over the run: up linearly, flat, down linearly to 0. Written in fractions of the run, so that it suits budgets of
/// steps and of time alike.
/// </summary>
/// <param name="Peak">The learning rate of the flat part.</param>
/// <param name="WarmUp">The fraction of the run over which the rate rises; 0 for none.</param>
/// <param name="Decay">The fraction of the run, at its end, over which the rate falls; 0 for none.</param>
internal readonly record struct LearningRateSchedule(double Peak, double WarmUp, double Decay)
{
    // The first step of Adam moves every parameter by the full rate, whatever the gradient: begin low, but not at 0.
    private const double Start = 0.01;

    /// <summary>The learning rate at a point of the run.</summary>
    /// <param name="fraction">How far the run is, from 0 to 1.</param>
    public double At(double fraction)
    {
        double rise = WarmUp > 0 ? Math.Clamp(fraction / WarmUp, Start, 1) : 1;
        double fall = Decay > 0 ? Math.Clamp((1 - fraction) / Decay, 0, 1) : 1;
        return Peak * Math.Min(rise, fall);
    }
}
