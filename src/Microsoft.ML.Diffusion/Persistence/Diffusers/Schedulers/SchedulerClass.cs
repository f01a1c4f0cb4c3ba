namespace Microsoft.ML.Diffusion;

/// <summary>A scheduler class of diffusers: its options, and what they mean here. A new one is a file and a line in <see cref="SchedulerClasses"/>.</summary>
/// <param name="Name">The name of the class.</param>
/// <param name="Options">All of its options; a file may have others, which the class drops.</param>
/// <param name="Read">The settings; reads each of the options.</param>
internal sealed record SchedulerClass(string Name, IReadOnlyList<SchedulerOption> Options, Func<SchedulerValues, SchedulerSettings> Read);
