namespace Microsoft.ML.Diffusion;

/// <summary>Doubles the number of steps after equal parts of the run (Song and Dhariwal 2023, arXiv:2310.14189, section 3.4).</summary>
/// <param name="first">The number of steps at first; at least 1. 10 unless given.</param>
/// <param name="last">The number of steps at last; at least <paramref name="first"/>, which makes it constant. 1,280 unless given.</param>
public sealed class DoublingCourse(int first = 10, int last = 1280) : DiscretizationCourse(first, last)
{
    /// <inheritdoc/>
    public override int StepsAt(double fraction)
    {
        // As many parts as numbers: log2(last/first) doublings, and the first.
        double parts = Math.Floor(Math.Log2((double)Last / First)) + 1;
        return (int)Math.Min(First * Math.Pow(2, Math.Floor(fraction * parts)), Last);
    }
}
