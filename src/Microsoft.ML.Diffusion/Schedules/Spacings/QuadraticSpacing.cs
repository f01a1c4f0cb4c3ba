namespace Microsoft.ML.Diffusion;

/// <summary>
/// Steps whose square roots are evenly spaced, up to four fifths of the run: ⌊(i·√(0.8·T)/(N−1))²⌋ + offset, more steps near the data
/// (DDIM's quadratic choice, Song et al. 2021, arXiv:2010.02502, appendix D.2). Sampling does not start at the noisiest level.
/// </summary>
/// <remarks>
/// Steps of a discrete schedule that fall together near the data are one, so that a grid may have fewer steps than asked for: repeating them, as the
/// reference does, changes nothing.
/// </remarks>
/// <param name="offset">Added to each step of a discrete schedule, in steps; not negative. 0 unless given; latent diffusion takes 1.</param>
/// <param name="share">How much of the run is used; in (0, 1]. 0.8 unless given.</param>
public sealed class QuadraticSpacing(int offset = 0, double share = 0.8) : EvenSpacing
{
    /// <summary>Added to each step of a discrete schedule.</summary>
    public int Offset { get; } = offset >= 0 ? offset : throw new ArgumentOutOfRangeException(nameof(offset), offset, "The offset must not be negative.");

    /// <summary>How much of the run is used.</summary>
    public double Share { get; } = share is > 0 and <= 1 ? share : throw new ArgumentOutOfRangeException(nameof(share), share, "The share of the run must be in (0, 1].");

    private protected override int[] PickSteps(int total, int count)
    {
        double last = Math.Sqrt(total * Share), stride = last / Math.Max(count - 1, 1);
        var steps = new List<int>(count);
        for (int i = count - 1; i >= 0; i--)
        {
            // Rounded as numpy's linspace, so that whole squares are cut off alike.
            double root = i == count - 1 ? last : i * stride;
            int step = (int)(root * root) + Offset;
            if (step >= total)
                throw new ArgumentException($"Step {step} (offset {Offset}, share {Share}) lies beyond the last of the schedule's {total} steps; use a smaller offset or share.");
            if (steps.Count == 0 || step < steps[^1])
                steps.Add(step);
        }
        return [.. steps];
    }

    private protected override double PickTime(double first, int count, int index)
    {
        if (Offset != 0)
            throw new ArgumentException($"Offset {Offset} counts steps of a discrete schedule; on a continuous schedule it must be 0.");
        double low = Math.Sqrt(first), high = Math.Sqrt(Share);
        if (!(low < high))
            throw new ArgumentException($"A share of {Share} of the run lies below the schedule's cleanest time {first}.");
        double root = count == 1 ? high : low + (high - low) * (count - 1 - index) / (count - 1);
        return root * root;
    }
}
