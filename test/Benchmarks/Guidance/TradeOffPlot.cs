using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Agreement against diversity: a line for each guidance, a point for each scale.</summary>
internal static class TradeOffPlot
{
    private const int Width = 900, Height = 560;
    private const float Radius = 4.5f;

    // Where a scale is written beside its point, from the best place on.
    private static readonly SKPoint[] Directions = [new(1, 1), new(1, -1), new(-1, 1), new(-1, -1), new(0, 1), new(0, -1), new(1, 2), new(1, -2), new(-1, 2), new(-1, -2), new(0, 2), new(0, -2)];

    // Okabe and Ito: told apart with any colour vision.
    private static readonly SKColor[] Colours = [new(0x00, 0x00, 0x00), new(0x00, 0x72, 0xb2), new(0xd5, 0x5e, 0x00), new(0x00, 0x9e, 0x73), new(0xcc, 0x79, 0xa7), new(0xe6, 0x9f, 0x00), new(0x56, 0xb4, 0xe9)];

    /// <summary>Writes a PNG.</summary>
    /// <param name="trials">The trials of all guidances; a guidance's in the order of its scales.</param>
    /// <param name="real">The judge's accuracy on real pictures.</param>
    /// <param name="path">The file; overwritten.</param>
    public static void Save(IReadOnlyList<GuidanceTrial> trials, double real, string path)
    {
        var x = PlotAxis.Padded(0, Math.Max(1.2, trials.Max(trial => trial.Verdict.Diversity)), logarithmic: false, 0.02);
        var area = new PlotArea(Width, Height, "Agreement with the class asked for against diversity within a class", x, PlotAxis.Padded(0, 1, logarithmic: false, 0.02));
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        area.Draw(canvas, "diversity (1: real pictures)");
        using (var dashed = PlotStyle.Stroke(PlotStyle.Axis, 1.5f))
        using (var label = PlotStyle.LabelText(13))
        {
            dashed.PathEffect = SKPathEffect.CreateDash([6, 4], 0);
            var place = area.Place(1, real);
            canvas.DrawLine(area.Bounds.Left, place.Y, area.Bounds.Right, place.Y, dashed);
            canvas.DrawText("real test pictures", area.Bounds.Left + 8, place.Y - 7, label);
        }
        var groups = trials.GroupBy(trial => trial.Name).Select((group, i) => (Trials: group.ToArray(), Colour: Colours[i % Colours.Length])).ToArray();
        float legend = area.Bounds.Left;
        foreach (var (group, colour) in groups)
            legend = Draw(canvas, area, group, colour, legend);
        DrawScales(canvas, area, groups);
        canvas.Flush();
        using var file = File.Create(path);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
    }

    private static float Draw(SKCanvas canvas, PlotArea area, GuidanceTrial[] trials, SKColor colour, float legend)
    {
        using SKPaint line = PlotStyle.Stroke(colour, 2), dot = new() { Color = colour, IsAntialias = true }, name = PlotStyle.LabelText(13);
        SKPoint[] places = [.. trials.Select(trial => PlaceOf(area, trial))];
        using var path = new SKPath();
        path.AddPoly(places, close: false);
        canvas.DrawPath(path, line);
        foreach (var place in places)
            canvas.DrawCircle(place, Radius, dot);
        canvas.DrawCircle(legend + 6, area.Bounds.Top - 22, Radius, dot);
        canvas.DrawText(trials[0].Name, legend + 17, area.Bounds.Top - 17.5f, name);
        return legend + 17 + name.MeasureText(trials[0].Name) + 22;
    }

    // Each scale in its line's colour, at the first place around its point where it covers neither a point nor another scale.
    private static void DrawScales(SKCanvas canvas, PlotArea area, (GuidanceTrial[] Trials, SKColor Colour)[] groups)
    {
        List<SKRect> taken = [.. groups.SelectMany(group => group.Trials).Select(trial => Around(PlaceOf(area, trial), 2 * Radius, 2 * Radius))];
        foreach (var (trials, colour) in groups.Where(group => group.Trials.Length > 1))
            foreach (var trial in trials)
            {
                using var text = PlotStyle.LabelText(12);
                text.Color = colour;
                string scale = PlotAxis.Format(trial.Scale);
                var point = PlaceOf(area, trial);
                var boxes = Directions.Select(to => Around(new(point.X + to.X * (Radius + 4 + text.MeasureText(scale) / 2), point.Y + to.Y * 13), text.MeasureText(scale), 10)).ToArray();
                var box = boxes.Where(box => !taken.Exists(box.IntersectsWith)).DefaultIfEmpty(boxes[0]).First();
                taken.Add(box);
                canvas.DrawText(scale, box.Left, box.Bottom, text);
            }
    }

    private static SKPoint PlaceOf(PlotArea area, GuidanceTrial trial) => area.Place(trial.Verdict.Diversity, trial.Verdict.Agreement);

    private static SKRect Around(SKPoint centre, float width, float height) => SKRect.Create(centre.X - width / 2, centre.Y - height / 2, width, height);
}
