using Microsoft.ML;
using SkiaSharp;

namespace Quickstart;

/// <summary>A data set made in code: anti-aliased shapes in colours, 16 × 16, at jittered places, sizes and angles on light backgrounds.</summary>
internal static class ShapePictures
{
    private const int Size = 16;

    private static readonly (string Label, SKColor Color, Action<SKCanvas, SKPaint> Draw)[] _classes =
    [
        ("red circle", new(0xd6, 0x2f, 0x2f), (canvas, paint) => canvas.DrawCircle(0, 0, 1, paint)),
        ("green square", new(0x2e, 0x9b, 0x4a), (canvas, paint) => canvas.DrawRect(-0.9f, -0.9f, 1.8f, 1.8f, paint)),
        ("blue triangle", new(0x2b, 0x5f, 0xd0), (canvas, paint) => Polygon(canvas, paint, (0, -1.1f), (1.1f, 0.9f), (-1.1f, 0.9f))),
        ("orange cross", new(0xf0, 0x8a, 0x1d), Cross),
        ("purple ring", new(0x84, 0x3f, 0xb5), Ring),
        ("teal diamond", new(0x11, 0x9d, 0xa4), (canvas, paint) => Polygon(canvas, paint, (0, -1.2f), (0.85f, 0), (0, 1.2f), (-0.85f, 0))),
        ("yellow star", new(0xe8, 0xb9, 0x0c), Star),
        ("pink heart", new(0xe8, 0x4f, 0x9a), Heart),
        ("grey moon", new(0x55, 0x5d, 0x68), Moon),
    ];

    /// <summary>The data set: as many pictures of each class as of any other, in turns.</summary>
    public static IDataView Load(MLContext ml, int count, int seed)
    {
        var random = new Random(seed);
        return ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => Draw(_classes[i % _classes.Length], random)).ToArray());
    }

    private static ShapePicture Draw((string Label, SKColor Color, Action<SKCanvas, SKPaint> Draw) shape, Random random)
    {
        float Between(double from, double to) => (float)(from + (to - from) * random.NextDouble());

        using var bitmap = new SKBitmap(new SKImageInfo(Size, Size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColor.FromHsv(Between(0, 360), Between(0, 14), Between(88, 100)));
        canvas.Translate(Between(6.2, 9.8), Between(6.2, 9.8));
        canvas.RotateDegrees(Between(-14, 14));
        canvas.Scale(Between(4, 5.6));
        using var paint = new SKPaint { Color = shape.Color, IsAntialias = true };
        shape.Draw(canvas, paint);
        canvas.Flush();

        float[] pixels = new float[3 * Size * Size];
        ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
        for (int channel = 0; channel < 3; channel++)
            for (int i = 0; i < Size * Size; i++)
                pixels[channel * Size * Size + i] = rgba[4 * i + channel];
        return new ShapePicture { Label = shape.Label, Pixels = pixels };
    }

    private static void Polygon(SKCanvas canvas, SKPaint paint, params (float X, float Y)[] corners)
    {
        using var path = new SKPath();
        path.AddPoly([.. corners.Select(corner => new SKPoint(corner.X, corner.Y))]);
        canvas.DrawPath(path, paint);
    }

    private static void Cross(SKCanvas canvas, SKPaint paint)
    {
        canvas.DrawRect(-0.36f, -1.1f, 0.72f, 2.2f, paint);
        canvas.DrawRect(-1.1f, -0.36f, 2.2f, 0.72f, paint);
    }

    private static void Ring(SKCanvas canvas, SKPaint paint)
    {
        paint.IsStroke = true;
        paint.StrokeWidth = 0.45f;
        canvas.DrawCircle(0, 0, 0.85f, paint);
    }

    private static void Star(SKCanvas canvas, SKPaint paint) =>
        Polygon(canvas, paint, [.. Enumerable.Range(0, 10).Select(i =>
        {
            (double sin, double cos) = Math.SinCos(i * Math.PI / 5);
            double radius = i % 2 == 0 ? 1.25 : 0.52;
            return ((float)(radius * sin), (float)(-radius * cos));
        })]);

    private static void Heart(SKCanvas canvas, SKPaint paint)
    {
        using SKPath path = SKPath.ParseSvgPathData("M0 1.1 C-1.6 0 -1.2 -1 -0.6 -1 C-0.25 -1 0 -0.75 0 -0.5 C0 -0.75 0.25 -1 0.6 -1 C1.2 -1 1.6 0 0 1.1 Z");
        canvas.DrawPath(path, paint);
    }

    private static void Moon(SKCanvas canvas, SKPaint paint)
    {
        using SKPath disc = new(), bite = new();
        disc.AddCircle(0, 0, 1.1f);
        bite.AddCircle(0.55f, -0.25f, 0.95f);
        using SKPath moon = disc.Op(bite, SKPathOp.Difference);
        canvas.DrawPath(moon, paint);
    }
}
