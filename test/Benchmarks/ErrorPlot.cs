using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Error against network calls or steps, both logarithmic: a panel for each problem, the same solvers in colour in all, the others grey.</summary>
internal sealed class ErrorPlot
{
    private const int PanelWidth = 440, Height = 560, Left = 68, Right = 14, Top = 132, Bottom = 62, LeastWidth = 940;

    // Okabe and Ito: told apart with any colour vision.
    private static readonly SKColor[] Colours = [new(0x00, 0x00, 0x00), new(0x00, 0x72, 0xb2), new(0xd5, 0x5e, 0x00), new(0x00, 0x9e, 0x73), new(0xcc, 0x79, 0xa7), new(0xe6, 0x9f, 0x00)];

    private readonly string _title;
    private readonly string _effort;
    private readonly IReadOnlyList<ErrorPanel> _panels;
    private readonly string[] _named;
    private readonly PlotAxis _x;

    private ErrorPlot(string title, string effort, IReadOnlyList<ErrorPanel> panels)
    {
        (_title, _effort, _panels) = (title, effort, panels);
        var efforts = panels[0].Curves[0].Points.Select(point => point.Effort).ToArray();
        _x = PlotAxis.Padded(efforts[0], efforts[^1], logarithmic: true, 0.04);
        // DDIM and Heun, which everybody knows, and the solvers with the least error over all problems and budgets.
        string[] known = [nameof(KnownSolvers.Ddim), nameof(KnownSolvers.Heun)];
        _named = [.. known, .. panels[0].Curves.Select(curve => curve.Name).Except(known).OrderBy(Merit).Take(Colours.Length - known.Length)];
    }

    /// <summary>Writes a PNG.</summary>
    /// <param name="title">The title.</param>
    /// <param name="effort">What the horizontal axis counts.</param>
    /// <param name="panels">The panels, of the same solvers and efforts.</param>
    /// <param name="path">The file; overwritten.</param>
    public static void Save(string title, string effort, IReadOnlyList<ErrorPanel> panels, string path)
    {
        using var bitmap = new ErrorPlot(title, effort, panels).Draw();
        using var file = File.Create(path);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
    }

    private double Merit(string name)
        => _panels.SelectMany(panel => panel.Curves).Where(curve => curve.Name == name).SelectMany(curve => curve.Points)
            .Where(point => double.IsFinite(point.Error)).Average(point => Math.Log(point.Error));

    private SKBitmap Draw()
    {
        int width = Math.Max(PanelWidth, LeastWidth / _panels.Count);
        var bitmap = new SKBitmap(new SKImageInfo(width * _panels.Count + Right, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(PlotStyle.Background);
        using var title = PlotStyle.TitleText();
        canvas.DrawText(_title, 24, 39, title);
        DrawLegend(canvas);
        for (int i = 0; i < _panels.Count; i++)
            DrawPanel(canvas, _panels[i], new SKRect(width * i + Left, Top, width * (i + 1) - Right, Height - Bottom));
        canvas.Flush();
        return bitmap;
    }

    private void DrawPanel(SKCanvas canvas, ErrorPanel panel, SKRect area)
    {
        double[] errors = [.. panel.Curves.SelectMany(curve => curve.Points).Select(point => point.Error).Where(double.IsFinite)];
        // What is worse than the data itself is of no interest.
        var y = PlotAxis.Padded(errors.Min(), Math.Min(errors.Max(), 1), logarithmic: true, 0.04);
        SKPoint Place((int Effort, double Error) point) => new((float)(area.Left + _x.At(point.Effort) * area.Width), (float)(area.Bottom - y.At(point.Error) * area.Height));
        using SKPaint label = PlotStyle.LabelText(13), heading = PlotStyle.LabelText(15), line = PlotStyle.Stroke(PlotStyle.GridLine, 1), axis = PlotStyle.Stroke(PlotStyle.Axis, 1);
        heading.TextAlign = SKTextAlign.Center;
        canvas.DrawText(panel.Title, area.MidX, area.Top - 12, heading);
        label.TextAlign = SKTextAlign.Right;
        foreach (double tick in y.Ticks(5))
        {
            float at = MathF.Round(Place((1, tick)).Y) + 0.5f;
            canvas.DrawLine(area.Left, at, area.Right, at, line);
            canvas.DrawText(PlotAxis.Format(tick), area.Left - 8, at + 4.5f, label);
        }
        label.TextAlign = SKTextAlign.Center;
        foreach (var (effort, _) in panel.Curves[0].Points)
        {
            float at = MathF.Round(Place((effort, 1)).X) + 0.5f;
            canvas.DrawLine(at, area.Bottom, at, area.Bottom + 5, axis);
            canvas.DrawText(PlotAxis.Format(effort), at, area.Bottom + 22, label);
        }
        canvas.DrawLine(area.Left, area.Bottom + 0.5f, area.Right, area.Bottom + 0.5f, axis);
        canvas.DrawText(_effort, area.MidX, area.Bottom + 46, label);
        canvas.Save();
        canvas.ClipRect(area);
        // Coloured lines over grey ones, the first named on top.
        foreach (var curve in panel.Curves.OrderBy(curve => Array.IndexOf(_named, curve.Name) is var at && at < 0 ? int.MinValue : -at))
        {
            using var stroke = Stroke(curve.Name);
            using var path = new SKPath();
            path.AddPoly([.. curve.Points.Where(point => double.IsFinite(point.Error)).Select(Place)], close: false);
            canvas.DrawPath(path, stroke);
        }
        canvas.Restore();
    }

    private SKPaint Stroke(string name) => Array.IndexOf(_named, name) is var at and >= 0 ? PlotStyle.Stroke(Colours[at], 2.5f) : PlotStyle.Stroke(PlotStyle.Axis.WithAlpha(120), 1.2f);

    private void DrawLegend(SKCanvas canvas)
    {
        using var label = PlotStyle.LabelText(14);
        float x = 24;
        foreach (string name in _named.Append("other deterministic solvers"))
        {
            using var stroke = Stroke(name);
            canvas.DrawLine(x, 70, x + 24, 70, stroke);
            canvas.DrawText(name, x + 31, 75, label);
            x += 31 + label.MeasureText(name) + 24;
        }
    }
}
