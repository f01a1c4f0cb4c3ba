namespace Microsoft.ML.Diffusion;

/// <summary>
/// The run in sections of equal length, each with its own number of even steps: the respacing of improved DDPM (Nichol and Dhariwal 2021,
/// arXiv:2102.09672, code), whose text <c>10,10,20</c> is [10, 10, 20] here. One section is <see cref="LinspaceSpacing"/>.
/// </summary>
/// <param name="counts">The number of steps of each section, from the data to the noise; each at least 1.</param>
public sealed class SectionSpacing(IReadOnlyList<int> counts) : EvenSpacing
{
    /// <summary>The number of steps of each section, from the data to the noise.</summary>
    public IReadOnlyList<int> Counts { get; } = Check(counts);

    private protected override int[] PickSteps(int total, int count)
    {
        if (count != Counts.Sum(part => (long)part))
            throw new ArgumentException($"Sections of {string.Join(" + ", Counts)} make {Counts.Sum(part => (long)part)} steps, not {count}.");
        var steps = new List<int>(count);
        int start = 0;
        for (int i = 0; i < Counts.Count; i++)
        {
            // The first sections are one longer where the run can not be divided evenly.
            int length = total / Counts.Count + (i < total % Counts.Count ? 1 : 0);
            if (length < Counts[i])
                throw new ArgumentException($"Section {i} has {length} steps; it can not be sampled with {Counts[i]}.");
            double stride = Counts[i] == 1 ? 1 : (length - 1.0) / (Counts[i] - 1), position = 0;
            for (int k = 0; k < Counts[i]; k++, position += stride)
                steps.Add(start + (int)Math.Round(position));
            start += length;
        }
        steps.Reverse();
        return [.. steps];
    }

    private protected override double PickTime(double first, int count, int index)
        => throw new ArgumentException("Sections divide the steps of a discrete schedule; a continuous schedule has none.");

    private static int[] Check(IReadOnlyList<int> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Count == 0 || counts.Any(count => count < 1))
            throw new ArgumentException($"Expected at least one section, each of at least 1 step, got [{string.Join(", ", counts)}].", nameof(counts));
        return [.. counts];
    }
}
