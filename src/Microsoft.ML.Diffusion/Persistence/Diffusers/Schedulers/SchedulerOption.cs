namespace Microsoft.ML.Diffusion;

/// <summary>An option of a scheduler class of diffusers.</summary>
/// <param name="Name">Its name in scheduler_config.json.</param>
/// <param name="Default">Its value where the file does not have it; null where it then says nothing.</param>
/// <param name="Meaning">What it says.</param>
internal sealed record SchedulerOption(string Name, object? Default, string Meaning);
