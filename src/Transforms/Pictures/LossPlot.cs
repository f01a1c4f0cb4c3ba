using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Draws losses over steps: as measured (thin and light), smoothed (bold) and on validation data (points).</summary>
internal sealed class LossPlot(IReadOnlyList<LossPoint> training, IReadOnlyList<LossPoint> validation, LossPlotOptions options)
{
    private readonly LossPoint[] _training = Finite(training);
    private readonly LossPoint[] _validation = Finite(validation);
    private PlotArea _area = null!;

    public SKBitmap Draw()
    {
        if (_training.Length + _validation.Length == 0)
            throw new ArgumentException("There is no finite loss to plot.");
        LossPoint[] smooth = Smooth(_training, options.Smoothing * _training.Length);
        var (x, y) = Axes(smooth);
        _area = new PlotArea(options.Width, options.Height, options.Title, x, y);

        var bitmap = new SKBitmap(new SKImageInfo(options.Width, options.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        _area.Draw(canvas, "step");
        using SKPaint raw = PlotStyle.Stroke(PlotStyle.Line.WithAlpha(70), 1), bold = PlotStyle.Stroke(PlotStyle.Line, 2.5f);
        using SKPaint point = new() { Color = PlotStyle.Accent, IsAntialias = true };
        canvas.Save();
        canvas.ClipRect(_area.Bounds);
        DrawLine(canvas, _training, raw);
        DrawLine(canvas, smooth, bold);
        canvas.Restore();
        foreach (LossPoint loss in _validation)
            canvas.DrawCircle(_area.Place(loss.Step, loss.Loss), 4.5f, point);
        DrawLegend(canvas, raw, bold, point);
        canvas.Flush();
        return bitmap;
    }

    // An exponential moving average whose horizon grows with the run: losses fall steeply at first, and a long average would lag.
    private static LossPoint[] Smooth(LossPoint[] points, double horizon)
    {
        double average = 0;
        return [.. points.Select((point, i) =>
        {
            average += (point.Loss - average) / Math.Max(1, Math.Min(horizon, 1 + i / 8.0));
            return point with { Loss = i == 0 ? average = point.Loss : average };
        })];
    }

    private static LossPoint[] Finite(IReadOnlyList<LossPoint> points) =>
        [.. points.Where(point => double.IsFinite(point.Loss) && double.IsFinite(point.Step))];

    // The vertical range leaves out the outermost half per cent of the single losses: a spike must not flatten the rest.
    private (PlotAxis X, PlotAxis Y) Axes(LossPoint[] smooth)
    {
        double[] sorted = [.. _training.Select(point => point.Loss).Order()];
        double[] shown = [.. sorted.Skip(sorted.Length / 200).SkipLast(sorted.Length / 200), .. smooth.Select(point => point.Loss), .. _validation.Select(point => point.Loss)];
        double[] steps = [.. _training.Concat(_validation).Select(point => point.Step)];
        return (new PlotAxis(Math.Min(0, steps.Min()), steps.Max(), logarithmic: false),
            PlotAxis.Padded(shown.Min(), shown.Max(), options.Logarithmic && shown.Min() > 0, 0.04));
    }

    private void DrawLine(SKCanvas canvas, LossPoint[] points, SKPaint paint)
    {
        using var path = new SKPath();
        path.AddPoly([.. points.Select(point => _area.Place(point.Step, point.Loss))], close: false);
        canvas.DrawPath(path, paint);
    }

    private void DrawLegend(SKCanvas canvas, SKPaint raw, SKPaint bold, SKPaint point)
    {
        using SKPaint label = PlotStyle.LabelText(13);
        float x = _area.Bounds.Left, y = _area.Bounds.Top - 22;
        void Entry(string text, Action<float> draw)
        {
            draw(x);
            canvas.DrawText(text, x + 32, y + 4.5f, label);
            x += 32 + label.MeasureText(text) + 28;
        }
        if (_training.Length > 0)
        {
            Entry("each step", left => canvas.DrawLine(left, y, left + 24, y, raw));
            Entry("moving average", left => canvas.DrawLine(left, y, left + 24, y, bold));
        }
        if (_validation.Length > 0)
            Entry("validation", left => canvas.DrawCircle(left + 12, y, 4.5f, point));
    }
}
