namespace Microsoft.ML.Diffusion;

/// <summary>What a residual block does to the size of a picture.</summary>
internal enum Resizing
{
    None,

    /// <summary>Halves it: means of 2×2 pixels.</summary>
    Down,

    /// <summary>Doubles it: each pixel four times.</summary>
    Up,
}
