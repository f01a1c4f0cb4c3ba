using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Draws lines of pictures with their titles.</summary>
internal sealed class PictureSheet
{
    private const int Margin = 20;
    private const int TitleGap = 14;
    private const int MostTitleWidth = 220;
    private const int PictureTarget = 72;

    // A larger surface is a mistake: 16384 is what most viewers still show.
    private const int MostPixels = 1 << 14;

    private readonly DataShape _shape;
    private readonly IReadOnlyList<PictureLine> _lines;
    private readonly PictureGridOptions _options;
    private readonly int _scale;
    private readonly int _columns;
    private readonly int _cellWidth;
    private readonly int _cellHeight;

    public PictureSheet(DataShape shape, IReadOnlyList<PictureLine> lines, PictureGridOptions options)
    {
        PictureBitmap.Check(shape);
        if (lines.Count == 0)
            throw new ArgumentException("There is no picture to draw.", nameof(lines));
        _shape = shape;
        _lines = lines;
        _options = options;
        _columns = lines.Max(line => line.Pictures.Count);
        _scale = options.Scale > 0 ? options.Scale
            : Math.Max(1, (int)Math.Round((double)PictureTarget / Math.Max(shape.Dimensions[1], shape.Dimensions[2])));
        _cellHeight = shape.Dimensions[1] * _scale;
        _cellWidth = shape.Dimensions[2] * _scale;
    }

    public SKBitmap Draw()
    {
        using SKPaint title = PlotStyle.TitleText();
        using SKPaint label = PlotStyle.LabelText();
        int left = Margin + LeftWidth(label);
        int top = Margin + (_options.Title is null ? 0 : 24 + TitleGap) + (_options.ColumnTitles is null ? 0 : 24);
        int width = left + _columns * (_cellWidth + _options.Spacing) - _options.Spacing + Margin;
        if (_options.Title is not null)
            width = Math.Max(width, 2 * Margin + (int)Math.Ceiling(title.MeasureText(_options.Title)));
        int height = top + _lines.Count * (_cellHeight + _options.Spacing) - _options.Spacing + Margin;
        if (width > MostPixels || height > MostPixels)
            throw new ArgumentException($"The sheet would have {width} × {height} pixels, more than {MostPixels} a side: use a smaller scale or fewer pictures.");

        var sheet = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(sheet);
        canvas.Clear(PlotStyle.Background);
        if (_options.Title is not null)
            canvas.DrawText(_options.Title, Margin, Margin + 19, title);
        DrawColumnTitles(canvas, label, left, top);
        for (int row = 0; row < _lines.Count; row++)
            DrawLine(canvas, label, row, left, top + row * (_cellHeight + _options.Spacing));
        canvas.Flush();
        return sheet;
    }

    private int LeftWidth(SKPaint label)
    {
        float widest = _lines.Max(line => label.MeasureText(line.Title));
        return widest > 0 ? (int)Math.Ceiling(Math.Min(widest, MostTitleWidth)) + TitleGap : 0;
    }

    private void DrawColumnTitles(SKCanvas canvas, SKPaint label, int left, int top)
    {
        label.TextAlign = SKTextAlign.Center;
        for (int column = 0; column < Math.Min(_columns, _options.ColumnTitles?.Count ?? 0); column++)
        {
            using SKPaint paint = label.Clone();
            string text = _options.ColumnTitles![column];
            // Narrow pictures have narrow titles: first smaller, then cut.
            paint.TextSize = Math.Clamp(label.TextSize * (_cellWidth + _options.Spacing - 4) / Math.Max(1, label.MeasureText(text)), 11, label.TextSize);
            canvas.DrawText(
                PlotStyle.Fit(text, paint, _cellWidth + _options.Spacing - 2), left + column * (_cellWidth + _options.Spacing) + _cellWidth / 2f, top - 9, paint);
        }
    }

    private void DrawLine(SKCanvas canvas, SKPaint label, int row, int left, int top)
    {
        var line = _lines[row];
        label.TextAlign = SKTextAlign.Right;
        canvas.DrawText(PlotStyle.Fit(line.Title, label, MostTitleWidth), left - TitleGap, top + _cellHeight / 2f + label.TextSize * 0.36f, label);
        using SKPaint border = PlotStyle.Stroke(PlotStyle.Border, 1);
        for (int column = 0; column < line.Pictures.Count; column++)
        {
            int x = left + column * (_cellWidth + _options.Spacing);
            using SKBitmap picture = PictureBitmap.Create(line.Pictures[column], _shape, _options.Minimum, _options.Maximum, _scale, $"Picture {column + 1} of line {row + 1}");
            canvas.DrawBitmap(picture, x, top);
            // Around the picture, not over it.
            if (_options.Spacing > 1)
                canvas.DrawRect(x - 0.5f, top - 0.5f, _cellWidth + 1, _cellHeight + 1, border);
        }
    }
}
