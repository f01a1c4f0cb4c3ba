namespace Microsoft.ML.Diffusion;

/// <summary>
/// Even steps that include the cleanest time but not the noisiest: i·⌊T/N⌋ + offset (DDIM's own, Song et al. 2021, arXiv:2010.02502,
/// section 4.2).
/// </summary>
/// <param name="offset">Added to each step of a discrete schedule, in steps; not negative. 0 unless given.</param>
public sealed class LeadingSpacing(int offset = 0) : EvenSpacing
{
    /// <summary>Added to each step of a discrete schedule.</summary>
    public int Offset { get; } = offset >= 0 ? offset : throw new ArgumentOutOfRangeException(nameof(offset), offset, "The offset must not be negative.");

    private protected override int[] PickSteps(int total, int count)
    {
        int ratio = total / count;
        if ((count - 1) * ratio + Offset >= total)
            throw new ArgumentException($"Offset {Offset} with {count} steps goes beyond the last of the schedule's {total} steps; use a smaller offset or fewer steps.");
        return [.. Enumerable.Range(0, count).Select(i => (count - 1 - i) * ratio + Offset)];
    }

    private protected override double PickTime(double first, int count, int index)
        => Offset == 0
            ? first + (1 - first) * (count - 1 - index) / count
            : throw new ArgumentException($"Offset {Offset} counts steps of a discrete schedule; on a continuous schedule it must be 0.");
}
