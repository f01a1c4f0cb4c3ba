namespace Microsoft.ML.Diffusion;

/// <summary>N − 1 = ⌈√(k/K·((s1 + 1)² − s0²) + s0²) − 1⌉ after k of K steps: rises as the root of the run (Song et al. 2023, arXiv:2303.01469, appendix C).</summary>
/// <param name="first">s0; at least 1. 2 unless given.</param>
/// <param name="last">s1; at least <paramref name="first"/>. 150 unless given.</param>
public sealed class SquareRootCourse(int first = 2, int last = 150) : DiscretizationCourse(first, last)
{
    /// <inheritdoc/>
    public override int StepsAt(double fraction)
        => Math.Clamp((int)Math.Ceiling(Math.Sqrt(fraction * ((Last + 1.0) * (Last + 1.0) - (double)First * First) + (double)First * First) - 1), 1, Last);
}
