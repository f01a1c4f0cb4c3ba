using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The frame of a plot: its title, its axes, and where values lie between them.</summary>
internal sealed class PlotArea(int width, int height, string? title, PlotAxis x, PlotAxis y)
{
    private const int Left = 76, Right = 28, Bottom = 58;

    /// <summary>Where values are drawn; above it is room for a line of legend.</summary>
    public SKRect Bounds { get; } = new(Left, title is null ? 48 : 84, width - Right, height - Bottom);

    /// <summary>Where a point lies.</summary>
    public SKPoint Place(double atX, double atY) => new((float)(Bounds.Left + x.At(atX) * Bounds.Width), (float)(Bounds.Bottom - y.At(atY) * Bounds.Height));

    /// <summary>Draws background, title and axes.</summary>
    /// <param name="canvas">The canvas.</param>
    /// <param name="caption">What the horizontal axis counts.</param>
    public void Draw(SKCanvas canvas, string caption)
    {
        canvas.Clear(PlotStyle.Background);
        using SKPaint heading = PlotStyle.TitleText();
        if (title is not null)
            canvas.DrawText(PlotStyle.Fit(title, heading, width - 48), 24, 39, heading);
        using SKPaint label = PlotStyle.LabelText(13), line = PlotStyle.Stroke(PlotStyle.GridLine, 1), axis = PlotStyle.Stroke(PlotStyle.Axis, 1);
        label.TextAlign = SKTextAlign.Right;
        foreach (double tick in y.Ticks(5))
        {
            float at = MathF.Round(Bounds.Bottom - (float)y.At(tick) * Bounds.Height) + 0.5f;
            canvas.DrawLine(Bounds.Left, at, Bounds.Right, at, line);
            canvas.DrawText(PlotAxis.Format(tick), Bounds.Left - 10, at + 4.5f, label);
        }
        label.TextAlign = SKTextAlign.Center;
        foreach (double tick in x.Ticks(8))
        {
            float at = MathF.Round(Bounds.Left + (float)x.At(tick) * Bounds.Width) + 0.5f;
            canvas.DrawLine(at, Bounds.Bottom, at, Bounds.Bottom + 5, axis);
            canvas.DrawText(PlotAxis.Format(tick), at, Bounds.Bottom + 22, label);
        }
        canvas.DrawLine(Bounds.Left, Bounds.Bottom + 0.5f, Bounds.Right, Bounds.Bottom + 0.5f, axis);
        canvas.DrawText(caption, Bounds.MidX, Bounds.Bottom + 44, label);
    }
}
