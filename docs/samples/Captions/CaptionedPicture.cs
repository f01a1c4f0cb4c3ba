using System.Globalization;
using Microsoft.ML.Data;

namespace Captions;

/// <summary>A picture of a coloured shape on a dark ground, and its caption.</summary>
public sealed class CaptionedPicture
{
    /// <summary>The height and width of a picture.</summary>
    public const int Size = 16;

    /// <summary>The colours: name, red, green and blue.</summary>
    public static readonly (string Name, float[] Rgb)[] Colours = [("red", [230, 40, 40]), ("green", [40, 200, 60]), ("blue", [60, 80, 240]), ("yellow", [235, 215, 50])];

    /// <summary>The shapes.</summary>
    public static readonly string[] Shapes = ["circle", "square", "triangle"];

    /// <summary>The places: name, and the middle of the shape.</summary>
    public static readonly (string Name, float X, float Y)[] Places = [("top left", 4, 4), ("top right", 12, 4), ("centre", 8, 8), ("bottom left", 4, 12), ("bottom right", 12, 12)];

    /// <summary>The caption, such as <c>a red circle at the top left</c>.</summary>
    public string Caption { get; set; } = "";

    /// <summary>Red, green and blue, from 0 to 255.</summary>
    [VectorType(3, Size, Size)]
    public float[] Pixels { get; set; } = [];

    /// <summary>Everything that a caption may say: indices of colour, shape and place.</summary>
    public static (int Colour, int Shape, int Place)[] All
        => [.. from colour in Enumerable.Range(0, Colours.Length) from shape in Enumerable.Range(0, Shapes.Length) from place in Enumerable.Range(0, Places.Length) select (colour, shape, place)];

    /// <summary>The caption of what a picture shows.</summary>
    public static string Describe((int Colour, int Shape, int Place) shown)
        => string.Create(CultureInfo.InvariantCulture, $"a {Colours[shown.Colour].Name} {Shapes[shown.Shape]} at the {Places[shown.Place].Name}");

    /// <summary>A picture that differs from others of its caption in place, size and brightness.</summary>
    public static CaptionedPicture Random((int Colour, int Shape, int Place) shown, Random random)
    {
        string caption = Describe(shown);
        // The words in another order, in every third caption.
        if (random.Next(3) == 0)
            caption = $"at the {Places[shown.Place].Name} there is a {Colours[shown.Colour].Name} {Shapes[shown.Shape]}";
        return new CaptionedPicture
        {
            Caption = caption,
            Pixels = Draw(shown, 2 * random.NextSingle() - 1, 2 * random.NextSingle() - 1, 2.7f + 0.8f * random.NextSingle(), 0.85f + 0.15f * random.NextSingle(), 40 * random.NextSingle()),
        };
    }

    /// <summary>Draws a picture, with soft borders.</summary>
    /// <param name="shown">Colour, shape and place.</param>
    /// <param name="right">How far it lies to the right of its place.</param>
    /// <param name="down">How far it lies below its place.</param>
    /// <param name="radius">Half of its width.</param>
    /// <param name="brightness">The factor of its colour.</param>
    /// <param name="ground">The grey of the ground.</param>
    public static float[] Draw((int Colour, int Shape, int Place) shown, float right, float down, float radius, float brightness, float ground)
    {
        var pixels = new float[3 * Size * Size];
        float x0 = Places[shown.Place].X + right, y0 = Places[shown.Place].Y + down;
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                float cover = Math.Clamp(radius - Distance(shown.Shape, x + 0.5f - x0, y + 0.5f - y0, radius) + 0.5f, 0, 1);
                for (int channel = 0; channel < 3; channel++)
                    pixels[(channel * Size + y) * Size + x] = ground + cover * (brightness * Colours[shown.Colour].Rgb[channel] - ground);
            }
        }
        return pixels;
    }

    // As the distance from the middle of a circle: the radius is the border.
    private static float Distance(int shape, float x, float y, float radius) => Shapes[shape] switch
    {
        "circle" => MathF.Sqrt(x * x + y * y),
        "square" => Math.Max(Math.Abs(x), Math.Abs(y)),
        _ => Math.Max(y, Math.Abs(x) * 1.6f - (y - radius) * 0.8f - 0.6f * radius),
    };
}
