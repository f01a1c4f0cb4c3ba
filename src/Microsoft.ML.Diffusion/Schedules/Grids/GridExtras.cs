namespace Microsoft.ML.Diffusion;

/// <summary>What a scheduler says of a grid beside its levels.</summary>
/// <param name="Told">The time, in the schedule of its training, that a network is told at each point; that of the level where null.</param>
/// <param name="Arrivals">The level to which each step goes, where that is not the next point; null where it always is.</param>
/// <param name="PriorScale">The standard deviation of the noise with which a run starts; the schedule's where null.</param>
internal sealed record GridExtras(double?[] Told, NoiseLevel[]? Arrivals = null, double? PriorScale = null)
{
    /// <summary>Of a part of the grid.</summary>
    /// <param name="first">The index of its first point.</param>
    /// <param name="last">The index of its last point.</param>
    public GridExtras Slice(int first, int last) => new(Told[first..(last + 1)], Arrivals?[first..last], first == 0 ? PriorScale : null);

    /// <summary>Of a level of its own and the points from an index on.</summary>
    /// <param name="next">The index.</param>
    public GridExtras From(int next) => new([null, .. Told[next..]], Arrivals is null ? null : [Arrivals[next - 1], .. Arrivals[next..]]);
}
