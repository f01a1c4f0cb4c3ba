namespace Microsoft.ML.Diffusion;

/// <summary>
/// Every s-th step from the cleanest on, with the smallest s that gives the wanted number of steps over the whole run: the <c>ddimN</c>
/// respacing of improved DDPM (Nichol and Dhariwal 2021, arXiv:2102.09672, code). <see cref="LeadingSpacing"/> rounds s down instead.
/// </summary>
/// <param name="stride">s; null for the smallest that gives the number of steps.</param>
/// <param name="offset">Added to each step, in steps; not negative. 0 unless given.</param>
public sealed class StridedSpacing(int? stride = null, int offset = 0) : EvenSpacing
{
    /// <summary>s; null for the smallest that gives the number of steps.</summary>
    public int? Stride { get; } = stride is null or > 0 ? stride : throw new ArgumentOutOfRangeException(nameof(stride), stride, "The stride must be at least 1.");

    /// <summary>Added to each step.</summary>
    public int Offset { get; } = offset >= 0 ? offset : throw new ArgumentOutOfRangeException(nameof(offset), offset, "The offset must not be negative.");

    private protected override int[] PickSteps(int total, int count)
    {
        int stride = Stride ?? Covering(total, count);
        int given = Covering(total, stride);
        if (given != count)
            throw new ArgumentException(Stride is null
                ? $"No stride gives exactly {count} of {total} steps; stride {stride} gives {given}."
                : $"Stride {stride} gives {given} of {total} steps, not {count}.");
        if ((count - 1) * stride + Offset >= total)
            throw new ArgumentException($"Offset {Offset} with stride {stride} goes beyond the last of the schedule's {total} steps; use a smaller offset.");
        return [.. Enumerable.Range(0, count).Select(i => (count - 1 - i) * stride + Offset)];
    }

    private protected override double PickTime(double first, int count, int index)
        => Stride is null && Offset == 0
            ? first + (1 - first) * (count - 1 - index) / count
            : throw new ArgumentException($"Stride {Stride} and offset {Offset} count steps of a discrete schedule; on a continuous schedule give neither.");

    private static int Covering(int total, int part) => (int)(((long)total + part - 1) / part);
}
