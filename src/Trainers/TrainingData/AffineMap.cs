namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>(x, y) → (Xx·x + Xy·y + X, Yx·x + Yy·y + Y).</summary>
internal readonly record struct AffineMap(double Xx, double Xy, double X, double Yx, double Yy, double Y)
{
    public static AffineMap Identity => Scale(1, 1);

    public static AffineMap Scale(double x, double y) => new(x, 0, 0, 0, y, 0);

    public static AffineMap Translation(double x, double y) => new(1, 0, x, 0, 1, y);

    /// <summary>By an angle in radians, from the x axis to the y axis.</summary>
    public static AffineMap Rotation(double angle) => new(Math.Cos(angle), -Math.Sin(angle), 0, Math.Sin(angle), Math.Cos(angle), 0);

    /// <summary>The map that applies another one first.</summary>
    public AffineMap After(AffineMap inner)
    {
        var (x, y) = Of(inner.X, inner.Y);
        return new(Xx * inner.Xx + Xy * inner.Yx, Xx * inner.Xy + Xy * inner.Yy, x, Yx * inner.Xx + Yy * inner.Yx, Yx * inner.Xy + Yy * inner.Yy, y);
    }

    public (double X, double Y) Of(double x, double y) => (Xx * x + Xy * y + X, Yx * x + Yy * y + Y);
}
