namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads an input of the current row.</summary>
/// <param name="Width">The number of values.</param>
/// <param name="Read">Reads and checks them.</param>
/// <param name="Encode">Maps them to model space, in place.</param>
internal sealed record BoundInput(int Width, RowWriter Read, RowWriter Encode);
