using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Draws the noise ratio σ/α at which each evaluation of a plan asks the denoiser, and the points of the grid.</summary>
internal sealed class PlanPlot(SamplingPlan plan, PlotOptions options)
{
    public SKBitmap Draw()
    {
        NoiseLevel[] levels = [.. plan.Instructions.OfType<Evaluate>().Select(evaluate => evaluate.Level)];
        double[] finite = [.. levels.Select(level => level.Ratio).Where(ratio => ratio > 0 && double.IsFinite(ratio))];
        if (finite.Length == 0)
            throw new ArgumentException("The plan asks the denoiser at no level with noise and data: there is nothing to plot.");
        // Pure noise, whose ratio is infinite, and clean data, where it is 0, lie at the edges.
        double least = finite.Min(), most = finite.Max(), beyond = levels.Any(level => level.Alpha == 0) ? 2 : 1;
        double[] ratios = [.. levels.Select(level => Math.Clamp(level.Ratio, least, most * beyond))];

        var area = new PlotArea(options.Width, options.Height, options.Title ?? Title, new PlotAxis(1, Math.Max(2, levels.Length), logarithmic: false),
            PlotAxis.Padded(least, most * beyond, logarithmic: true, 0.04));
        var bitmap = new SKBitmap(new SKImageInfo(options.Width, options.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        area.Draw(canvas, "evaluation of the denoiser");
        using SKPaint line = PlotStyle.Stroke(PlotStyle.Line.WithAlpha(120), 1.5f), text = PlotStyle.LabelText(13);
        using SKPaint onGrid = Dot(PlotStyle.Line), beside = Dot(PlotStyle.Accent);
        SKPoint[] places = [.. ratios.Select((ratio, i) => area.Place(i + 1, ratio))];
        using var path = new SKPath();
        path.AddPoly(places, close: false);
        canvas.DrawPath(path, line);
        // Dots that would run into each other are a line.
        float size = Math.Clamp(area.Bounds.Width / levels.Length / 3, 1, 4);
        bool[] isOnGrid = [.. levels.Select(IsOnGrid)];
        for (int i = 0; i < places.Length; i++)
            canvas.DrawCircle(places[i], size, isOnGrid[i] ? onGrid : beside);

        float y = area.Bounds.Top - 22;
        canvas.DrawCircle(area.Bounds.Left + 5, y, 4, onGrid);
        const string gridText = "noise ratio σ/α at a point of the grid";
        canvas.DrawText(gridText, area.Bounds.Left + 18, y + 4.5f, text);
        if (isOnGrid.Contains(false))
        {
            float x = area.Bounds.Left + 18 + text.MeasureText(gridText) + 30;
            canvas.DrawCircle(x, y, 4, beside);
            canvas.DrawText("beside the grid", x + 13, y + 4.5f, text);
        }
        canvas.Flush();
        return bitmap;
    }

    private string Title => FormattableString.Invariant($"{Plural.Of(plan.Grid.Steps, "step")}, {Plural.Of(plan.Evaluations, "evaluation")}");

    private bool IsOnGrid(NoiseLevel level) => plan.Grid.Levels.Any(point => point == level);

    private static SKPaint Dot(SKColor color) => new() { Color = color, IsAntialias = true };
}
