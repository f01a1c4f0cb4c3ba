namespace Microsoft.ML.Diffusion;

/// <summary>EulerAncestralDiscreteScheduler. It has no curves of σ.</summary>
internal static class EulerAncestralScheduler
{
    public static SchedulerClass Class { get; } = new("EulerAncestralDiscreteScheduler",
        [.. SchedulerOptions.Table(), SchedulerOptions.ZeroSnr, SchedulerOptions.Prediction, .. SchedulerOptions.Places("linspace")], Read);

    private static SchedulerSettings Read(SchedulerValues values)
    {
        var places = SchedulerOptions.Spacing(values);
        var spacing = new SchedulerSpacing { Places = places.Places, Offset = places.Offset, Fractional = true, Exploding = true };
        return SchedulerSettings.Of(SchedulerOptions.Schedule(values, zeroSnr: true), SchedulerOptions.Predicts(values, sample: false), KnownSolvers.EulerAncestral, spacing);
    }
}
