namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A picture in memory.</summary>
/// <param name="Label">The class; empty when there is none.</param>
/// <param name="Path">The file; empty when it did not come from a file of its own.</param>
/// <param name="Pixels">Channel by channel, row by row, a byte each: [C, H, W].</param>
internal readonly record struct PictureRecord(string Label, string Path, byte[] Pixels);
