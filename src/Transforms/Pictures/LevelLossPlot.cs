using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Draws losses over the noise level, a line for each measurement: the last bold, earlier ones the lighter the older.</summary>
internal sealed class LevelLossPlot(IReadOnlyList<(string Name, IReadOnlyList<LevelLoss> Losses)> lines, PlotOptions options)
{
    private const int LegendWidth = 150;

    private readonly (string Name, LevelLoss[] Losses)[] _lines = [.. lines.Select(line => (line.Name, line.Losses.Where(IsShown).OrderBy(loss => loss.Ratio).ToArray()))];

    /// <summary>Draws into a file.</summary>
    /// <exception cref="ArgumentException">There is nothing to draw.</exception>
    public void Save(string path)
    {
        using SKBitmap plot = Draw();
        PictureFile.Save(plot, path);
    }

    /// <summary>Draws.</summary>
    /// <exception cref="ArgumentException">There is nothing to draw.</exception>
    public SKBitmap Draw()
    {
        LevelLoss[] all = [.. _lines.SelectMany(line => line.Losses)];
        if (all.Length == 0)
            throw new ArgumentException("There is no positive, finite loss at a positive, finite noise ratio to plot.");
        var area = new PlotArea(options.Width, options.Height, options.Title ?? "Loss by noise level",
            PlotAxis.Padded(all.Min(loss => loss.Ratio), all.Max(loss => loss.Ratio), logarithmic: true, 0.02),
            PlotAxis.Padded(all.Min(loss => loss.Loss), all.Max(loss => loss.Loss), logarithmic: true, 0.06));
        var bitmap = new SKBitmap(new SKImageInfo(options.Width, options.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        area.Draw(canvas, "noise ratio σ/α");
        for (int i = 0; i < _lines.Length; i++)
            DrawLine(canvas, area, i);
        canvas.Flush();
        return bitmap;
    }

    private void DrawLine(SKCanvas canvas, PlotArea area, int index)
    {
        bool isLast = index == _lines.Length - 1;
        // From a third of the ink on.
        byte ink = (byte)(255 * (1 + 2.0 * (index + 1) / _lines.Length) / 3);
        using SKPaint line = PlotStyle.Stroke((isLast ? PlotStyle.Accent : PlotStyle.Line).WithAlpha(ink), isLast ? 2.5f : 1.5f);
        using var path = new SKPath();
        path.AddPoly([.. _lines[index].Losses.Select(loss => area.Place(loss.Ratio, loss.Loss))], close: false);
        canvas.DrawPath(path, line);
        if (_lines.Length > 1 && (index + 1) * LegendWidth <= area.Bounds.Width)
            DrawName(canvas, area.Bounds.Left + index * LegendWidth, area.Bounds.Top - 22, _lines[index].Name, line);
    }

    private static void DrawName(SKCanvas canvas, float x, float y, string name, SKPaint line)
    {
        using SKPaint label = PlotStyle.LabelText(13);
        canvas.DrawLine(x, y, x + 24, y, line);
        canvas.DrawText(PlotStyle.Fit(name, label, LegendWidth - 40), x + 32, y + 4.5f, label);
    }

    private static bool IsShown(LevelLoss loss) => loss.Loss > 0 && double.IsFinite(loss.Loss) && loss.Ratio > 0 && double.IsFinite(loss.Ratio);
}
