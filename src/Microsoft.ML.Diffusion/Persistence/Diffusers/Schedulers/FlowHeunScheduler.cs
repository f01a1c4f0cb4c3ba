namespace Microsoft.ML.Diffusion;

/// <summary>FlowMatchHeunDiscreteScheduler.</summary>
internal static class FlowHeunScheduler
{
    public static SchedulerClass Class { get; } = new("FlowMatchHeunDiscreteScheduler", FlowEulerScheduler.FlowOptions, values =>
    {
        int steps = SchedulerOptions.Steps(values);
        return MultistepFlow.Settings(steps, new SchedulerFlowSpacing { Timesteps = steps, Shift = values.Positive("shift") }, KnownSolvers.Heun);
    });
}
