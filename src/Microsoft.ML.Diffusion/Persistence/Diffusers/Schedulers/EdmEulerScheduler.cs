namespace Microsoft.ML.Diffusion;

/// <summary>EDMEulerScheduler.</summary>
internal static class EdmEulerScheduler
{
    public static SchedulerClass Class { get; } = new("EDMEulerScheduler", EdmSettings.Options, values => EdmSettings.Read(values, KnownSolvers.Euler, RunEnd.Idle));
}
