namespace Microsoft.ML.Diffusion;

/// <summary>What the schedulers that work with σ, variance-exploding, have in common: Euler, Heun, LMS, KDPM2, DPM-Solver SDE.</summary>
internal static class SigmaSettings
{
    /// <summary>The settings.</summary>
    /// <param name="values">The options.</param>
    /// <param name="solver">The solver.</param>
    /// <param name="sample">Whether the class knows prediction_type sample.</param>
    /// <param name="karrasRange">Whether sigma_min and sigma_max, which the class has no arguments for, act with Karras' σ.</param>
    /// <param name="rounding">The timestep that the network is told of Karras' σ.</param>
    public static SchedulerSettings Read(
        SchedulerValues values, ISolver solver, bool sample, bool karrasRange, TimestepRounding rounding = TimestepRounding.None)
    {
        var schedule = SchedulerOptions.Schedule(values);
        var curve = SchedulerOptions.Curve(values);
        var places = SchedulerOptions.Spacing(values);
        bool ranged = curve != SigmaCurve.None && (karrasRange || curve != SigmaCurve.Karras);
        var spacing = new SchedulerSpacing
        {
            Places = places.Places,
            Offset = places.Offset,
            Fractional = true,
            Curve = curve,
            SigmaMin = ranged ? values.Hidden("sigma_min") : null,
            SigmaMax = ranged ? values.Hidden("sigma_max") : null,
            Rounding = curve == SigmaCurve.Karras ? rounding : TimestepRounding.None,
            Exploding = true,
        };
        return SchedulerSettings.Of(schedule, SchedulerOptions.Predicts(values, sample), solver, spacing);
    }
}
