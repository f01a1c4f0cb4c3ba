using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// What stored power-function averages weigh in another one: the combination whose profile over the run is nearest in least squares (Karras et al. 2024, arXiv:2312.02696, section 3.2 and
/// Algorithm 3).
/// </summary>
public static class PostHocAverage
{
    /// <summary>The weights of the stored averages; they add up to 1.</summary>
    /// <param name="stored">When each stored average was taken, in steps or any other unit above 0, and its length σ_rel; each pair once.</param>
    /// <param name="time">When the wanted average would have been taken; positive.</param>
    /// <param name="length">σ_rel of the wanted average, in (0, 0.288]. Lengths far below the stored ones are only approached.</param>
    /// <exception cref="ArgumentException">None is stored, one twice, or one at a time that is not positive.</exception>
    public static double[] Weights(IReadOnlyList<(double Time, double Length)> stored, double time, double length)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (stored.Count == 0 || stored.Distinct().Count() != stored.Count)
            throw new ArgumentException("Expected at least one stored average, and each time and length once.", nameof(stored));
        if (!(time > 0 && stored.All(average => average.Time > 0)))
            throw new ArgumentException("Averages are taken at times above 0.", nameof(stored));
        (double Time, double Exponent)[] from = [.. stored.Select(average => (average.Time, PowerFunctionAverage.ExponentOf(average.Length)))];
        var wanted = (time, PowerFunctionAverage.ExponentOf(length));
        var products = Matrix<double>.Build.Dense(from.Length, from.Length, (i, j) => Product(from[i], from[j]));
        var weights = products.Solve(Vector<double>.Build.Dense(from.Length, i => Product(from[i], wanted)));
        return [.. weights / weights.Sum()];
    }

    // ∫ p_a·p_b of the profiles p(τ) = (γ + 1)·τ^γ/t^(γ+1), τ up to t.
    private static double Product((double Time, double Exponent) a, (double Time, double Exponent) b)
    {
        double exponent = a.Time < b.Time ? b.Exponent : -a.Exponent;
        return (a.Exponent + 1) * (b.Exponent + 1) * Math.Pow(a.Time / b.Time, exponent) / ((a.Exponent + b.Exponent + 1) * Math.Max(a.Time, b.Time));
    }
}
