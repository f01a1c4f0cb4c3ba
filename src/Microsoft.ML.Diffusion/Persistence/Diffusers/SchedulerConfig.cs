namespace Microsoft.ML.Diffusion;

/// <summary>The options of diffusers' schedulers in the library's types.</summary>
internal static partial class SchedulerConfig
{
    /// <summary>The settings of a scheduler.</summary>
    /// <param name="config">The options; those that its class has are checked to be all understood, others are dropped as the class drops them.</param>
    /// <exception cref="NotSupportedException">The scheduler, an option or a word has no counterpart; names it and what is known.</exception>
    public static SchedulerSettings Read(DiffusersOptions config)
    {
        var scheduler = config.Choice("_class_name", "", [.. SchedulerClasses.All.Select(each => (each.Name, each))]);
        var values = new SchedulerValues(config, scheduler);
        var settings = scheduler.Read(values);
        values.Finish();
        return settings with { Dropped = values.Dropped };
    }
}
