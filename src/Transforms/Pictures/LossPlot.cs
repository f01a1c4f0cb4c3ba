using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Draws losses over steps: as measured (thin and light), smoothed (bold) and on validation data (points).</summary>
internal sealed class LossPlot(IReadOnlyList<LossPoint> training, IReadOnlyList<LossPoint> validation, LossPlotOptions options)
{
    private const int Left = 76, Right = 28, Bottom = 58;

    private readonly LossPoint[] _training = Finite(training);
    private readonly LossPoint[] _validation = Finite(validation);
    private SKRect _area;
    private PlotAxis _x = null!;
    private PlotAxis _y = null!;

    public SKBitmap Draw()
    {
        if (_training.Length + _validation.Length == 0)
            throw new ArgumentException("There is no finite loss to plot.");
        LossPoint[] smooth = Smooth(_training, options.Smoothing * _training.Length);
        _area = new SKRect(Left, options.Title is null ? 48 : 84, options.Width - Right, options.Height - Bottom);
        (_x, _y) = Axes(smooth);

        var bitmap = new SKBitmap(new SKImageInfo(options.Width, options.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(PlotStyle.Background);
        using SKPaint title = PlotStyle.TitleText();
        if (options.Title is not null)
            canvas.DrawText(options.Title, 24, 39, title);
        DrawAxes(canvas);
        using SKPaint raw = PlotStyle.Stroke(PlotStyle.Line.WithAlpha(70), 1), bold = PlotStyle.Stroke(PlotStyle.Line, 2.5f);
        using SKPaint point = new() { Color = PlotStyle.Accent, IsAntialias = true };
        canvas.Save();
        canvas.ClipRect(_area);
        DrawLine(canvas, _training, raw);
        DrawLine(canvas, smooth, bold);
        canvas.Restore();
        foreach (LossPoint loss in _validation)
            canvas.DrawCircle(Place(loss), 4.5f, point);
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

    private SKPoint Place(LossPoint point) => new(
        (float)(_area.Left + _x.At(point.Step) * _area.Width), (float)(_area.Bottom - _y.At(point.Loss) * _area.Height));

    private void DrawLine(SKCanvas canvas, LossPoint[] points, SKPaint paint)
    {
        using var path = new SKPath();
        path.AddPoly([.. points.Select(Place)], close: false);
        canvas.DrawPath(path, paint);
    }

    private void DrawAxes(SKCanvas canvas)
    {
        using SKPaint label = PlotStyle.LabelText(13), line = PlotStyle.Stroke(PlotStyle.GridLine, 1), axis = PlotStyle.Stroke(PlotStyle.Axis, 1);
        label.TextAlign = SKTextAlign.Right;
        foreach (double tick in _y.Ticks(5))
        {
            float y = MathF.Round(_area.Bottom - (float)_y.At(tick) * _area.Height) + 0.5f;
            canvas.DrawLine(_area.Left, y, _area.Right, y, line);
            canvas.DrawText(PlotAxis.Format(tick), _area.Left - 10, y + 4.5f, label);
        }
        label.TextAlign = SKTextAlign.Center;
        foreach (double tick in _x.Ticks(8))
        {
            float x = MathF.Round(_area.Left + (float)_x.At(tick) * _area.Width) + 0.5f;
            canvas.DrawLine(x, _area.Bottom, x, _area.Bottom + 5, axis);
            canvas.DrawText(PlotAxis.Format(tick), x, _area.Bottom + 22, label);
        }
        canvas.DrawLine(_area.Left, _area.Bottom + 0.5f, _area.Right, _area.Bottom + 0.5f, axis);
        canvas.DrawText("step", _area.MidX, _area.Bottom + 44, label);
    }

    private void DrawLegend(SKCanvas canvas, SKPaint raw, SKPaint bold, SKPaint point)
    {
        using SKPaint label = PlotStyle.LabelText(13);
        float x = _area.Left, y = _area.Top - 22;
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
