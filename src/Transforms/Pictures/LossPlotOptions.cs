namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How losses are plotted.</summary>
public sealed class LossPlotOptions
{
    /// <summary>The title. "Training loss" unless set; null for none.</summary>
    public string? Title { get; set; } = "Training loss";

    /// <summary>The horizon of the smoothed line, as a part of all points. 0.02 unless set; 0 to 1.</summary>
    public double Smoothing { get; set; } = 0.02;

    /// <summary>Whether the vertical axis is logarithmic. True unless set; with a loss of 0 or less it is linear in any case.</summary>
    public bool Logarithmic { get; set; } = true;

    /// <summary>The width in pixels. 960 unless set; 300 to 8192.</summary>
    public int Width { get; set; } = 960;

    /// <summary>The height in pixels. 480 unless set; 200 to 8192.</summary>
    public int Height { get; set; } = 480;

    internal void Validate()
    {
        if (!(Smoothing is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(Smoothing), $"Expected 0 to 1, got {Smoothing}.");
        if (Width is < 300 or > 8192)
            throw new ArgumentOutOfRangeException(nameof(Width), $"Expected 300 to 8192, got {Width}.");
        if (Height is < 200 or > 8192)
            throw new ArgumentOutOfRangeException(nameof(Height), $"Expected 200 to 8192, got {Height}.");
    }
}
