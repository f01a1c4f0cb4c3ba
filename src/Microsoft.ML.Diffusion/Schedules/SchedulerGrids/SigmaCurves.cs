namespace Microsoft.ML.Diffusion;

/// <summary>The σ of the curves of diffusers, falling.</summary>
internal static class SigmaCurves
{
    /// <summary>The σ of a curve.</summary>
    /// <param name="curve">The curve; not none.</param>
    /// <param name="smallest">The smallest σ; positive.</param>
    /// <param name="largest">The largest σ; not below it.</param>
    /// <param name="count">How many; a single one is the largest.</param>
    /// <param name="rho">ρ of Karras' curve.</param>
    public static double[] Of(SigmaCurve curve, double smallest, double largest, int count, double rho = 7)
    {
        if (!(smallest > 0 && largest >= smallest && double.IsFinite(largest)))
            throw new ArgumentException(FormattableString.Invariant($"Expected 0 < sigma_min <= sigma_max, both finite, got {smallest} and {largest}."));
        if (count == 1 || smallest == largest)
            return [.. Enumerable.Repeat(largest, count)];
        RatioSpacing spacing = curve switch
        {
            SigmaCurve.Karras => new KarrasSpacing(rho, smallest, largest),
            SigmaCurve.Exponential => new ExponentialSpacing(1, smallest, largest),
            _ => new BetaSpacing(ratioMin: smallest, ratioMax: largest),
        };
        return [.. spacing.Grid(KnownSchedules.Edm, count).Levels.SkipLast(1).Select(level => level.Sigma)];
    }
}
