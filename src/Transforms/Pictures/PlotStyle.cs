using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The colours and fonts of everything that is drawn.</summary>
/// <remarks>The fonts are embedded: a machine without any font draws the same picture.</remarks>
internal static class PlotStyle
{
    public static readonly SKColor Background = SKColors.White;
    public static readonly SKColor Title = new(0x1b, 0x1f, 0x24);
    public static readonly SKColor Label = new(0x4a, 0x52, 0x5c);
    public static readonly SKColor Border = new(0, 0, 0, 0x22);
    public static readonly SKColor GridLine = new(0xe8, 0xea, 0xed);
    public static readonly SKColor Axis = new(0xa8, 0xae, 0xb6);
    public static readonly SKColor Line = new(0x1f, 0x6f, 0xc4);
    public static readonly SKColor Accent = new(0xd9, 0x5f, 0x0e);

    private static readonly Lazy<SKTypeface> _regular = new(() => Load("DiffusionPlotSans-Regular.ttf"));
    private static readonly Lazy<SKTypeface> _medium = new(() => Load("DiffusionPlotSans-Medium.ttf"));

    /// <summary>Paint for labels.</summary>
    public static SKPaint LabelText(float size = 15) => Text(_regular.Value, size, Label);

    /// <summary>Paint for titles.</summary>
    public static SKPaint TitleText(float size = 20) => Text(_medium.Value, size, Title);

    /// <summary>Paint for lines.</summary>
    public static SKPaint Stroke(SKColor color, float width) =>
        new() { Color = color, StrokeWidth = width, IsStroke = true, IsAntialias = true, StrokeJoin = SKStrokeJoin.Round, StrokeCap = SKStrokeCap.Round };

    /// <summary>A text cut to a width, with an ellipsis where it was cut.</summary>
    public static string Fit(string text, SKPaint paint, float width)
    {
        if (paint.MeasureText(text) <= width)
            return text;
        int length = text.Length;
        while (length > 0 && paint.MeasureText(text[..length] + "…") > width)
            length--;
        return text[..length].TrimEnd() + "…";
    }

    private static SKPaint Text(SKTypeface typeface, float size, SKColor color) =>
        new() { Typeface = typeface, TextSize = size, Color = color, IsAntialias = true, SubpixelText = true };

    private static SKTypeface Load(string name)
    {
        using Stream stream = typeof(PlotStyle).Assembly.GetManifestResourceStream(name)!;
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException($"The embedded font '{name}' can not be loaded.");
    }
}
