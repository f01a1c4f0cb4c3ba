namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A guidance as model files keep it.</summary>
/// <param name="DenoiserColumn">The column that carries the denoiser before and after.</param>
/// <param name="Guidance">The guidance.</param>
/// <param name="Columns">The columns that it reads.</param>
internal sealed record GuidanceConfig(string DenoiserColumn, IGuidance Guidance, IReadOnlyList<GuidanceColumn> Columns);
