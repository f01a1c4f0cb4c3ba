namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A line of pictures on a sheet.</summary>
/// <param name="Title">What stands at its left; empty for nothing.</param>
/// <param name="Pictures">From the left; [C, H, W] each.</param>
internal readonly record struct PictureLine(string Title, IReadOnlyList<float[]> Pictures);
