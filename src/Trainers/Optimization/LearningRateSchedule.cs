namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The learning rate over a run: a warm-up, then its course.</summary>
/// <param name="Peak">The learning rate at its highest.</param>
/// <param name="WarmUp">The fraction of the run over which the rate rises; 0 for none.</param>
/// <param name="Course">How it moves from there, in parts of the peak.</param>
internal readonly record struct LearningRateSchedule(double Peak, double WarmUp, LearningRateCourse Course)
{
    // The first step of Adam moves every parameter by the full rate, whatever the gradient: begin low, but not at 0.
    private const double Start = 0.01;

    /// <summary>The learning rate at a point of the run.</summary>
    /// <param name="fraction">How far the run is, from 0 to 1.</param>
    public double At(double fraction)
    {
        double rise = WarmUp > 0 ? Math.Clamp(fraction / WarmUp, Start, 1) : 1;
        return Peak * Math.Min(rise, Course.At(fraction));
    }
}
