namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How something is plotted.</summary>
public sealed class PlotOptions
{
    /// <summary>The title; what the plot is of unless set.</summary>
    public string? Title { get; set; }

    /// <summary>The width in pixels. 960 unless set; 300 to 8192.</summary>
    public int Width { get; set; } = 960;

    /// <summary>The height in pixels. 480 unless set; 200 to 8192.</summary>
    public int Height { get; set; } = 480;

    internal void Validate()
    {
        if (Width is < 300 or > 8192)
            throw new ArgumentOutOfRangeException(nameof(Width), $"Expected 300 to 8192, got {Width}.");
        if (Height is < 200 or > 8192)
            throw new ArgumentOutOfRangeException(nameof(Height), $"Expected 200 to 8192, got {Height}.");
    }
}
