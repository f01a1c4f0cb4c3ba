namespace Microsoft.ML.Diffusion;

/// <summary>The scheduler classes of diffusers that the library has.</summary>
internal static class SchedulerClasses
{
    public static IReadOnlyList<SchedulerClass> All { get; } =
    [
        DdimScheduler.Class,
        DdimScheduler.Parallel,
        DdpmScheduler.Class,
        DdpmScheduler.Parallel,
        PndmScheduler.Class,
        EulerScheduler.Class,
        EulerAncestralScheduler.Class,
        HeunScheduler.Class,
        LmsScheduler.Class,
        Kdpm2Scheduler.Class,
        Kdpm2Scheduler.Ancestral,
        DpmSdeScheduler.Class,
        DpmMultistepScheduler.Class,
        DpmSinglestepScheduler.Class,
        UniPcScheduler.Class,
        DeisScheduler.Class,
        EdmEulerScheduler.Class,
        EdmDpmScheduler.Class,
        FlowEulerScheduler.Class,
        FlowHeunScheduler.Class,
        LcmScheduler.Class,
    ];
}
