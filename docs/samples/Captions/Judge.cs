namespace Captions;

/// <summary>Says what a picture shows: the colour, shape and place of the nearest of many drawings.</summary>
public sealed class Judge
{
    private readonly (float[] Pixels, (int Colour, int Shape, int Place) Shown)[] _drawings;

    /// <summary>Makes the drawings: of each colour, shape and place some, moved and of other sizes.</summary>
    public Judge()
    {
        float[] moves = [-0.67f, 0, 0.67f], radii = [2.85f, 3.35f];
        _drawings = [.. from shown in CaptionedPicture.All from right in moves from down in moves from radius in radii
                        select (CaptionedPicture.Draw(shown, right, down, radius, 0.92f, 20), shown)];
    }

    /// <summary>Colour, shape and place of a picture.</summary>
    /// <param name="pixels">Red, green and blue, from 0 to 255.</param>
    public (int Colour, int Shape, int Place) Look(float[] pixels) => _drawings.MinBy(drawing => Distance(drawing.Pixels, pixels)).Shown;

    /// <summary>How many samples show the colour, the shape, the place, and all three of their captions.</summary>
    /// <param name="samples">The samples, and what their captions say.</param>
    public Score Rate(IReadOnlyCollection<(float[] Pixels, (int Colour, int Shape, int Place) Said)> samples)
    {
        var seen = samples.AsParallel().Select(sample => (sample.Said, Shown: Look(sample.Pixels))).ToArray();
        double Share(Func<(int Colour, int Shape, int Place), int> of) => seen.Count(one => of(one.Said) == of(one.Shown)) / (double)seen.Length;
        return new Score(Share(one => one.Colour), Share(one => one.Shape), Share(one => one.Place), seen.Count(one => one.Said == one.Shown) / (double)seen.Length);
    }

    private static float Distance(float[] a, float[] b) => System.Numerics.Tensors.TensorPrimitives.Distance(a, b);
}

/// <summary>The shares of samples that show what their captions say.</summary>
/// <param name="Colour">The right colour.</param>
/// <param name="Shape">The right shape.</param>
/// <param name="Place">The right place.</param>
/// <param name="All">All three.</param>
public readonly record struct Score(double Colour, double Shape, double Place, double All)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"colour {Colour:p0}, shape {Shape:p0}, place {Place:p0}, all three {All:p0}");
}
