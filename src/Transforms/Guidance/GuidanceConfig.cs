namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A guidance as model files keep it.</summary>
/// <param name="DenoiserColumn">The column that carries the denoiser before and after.</param>
/// <param name="Guidance">The guidance.</param>
/// <param name="FirstSlot">The number of slots in front of the guidance's own: the slots that the guidance names count from there.</param>
/// <param name="NeedsConditions">Whether it makes no sense without conditions.</param>
/// <param name="Inputs">The guidance's own inputs, in the order of their slots.</param>
internal sealed record GuidanceConfig(string DenoiserColumn, IGuidance Guidance, int FirstSlot, bool NeedsConditions, IReadOnlyList<GuidanceColumn> Inputs);
