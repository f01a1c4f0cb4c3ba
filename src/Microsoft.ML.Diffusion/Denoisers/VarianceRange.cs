using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The bounds between which a network places the variance of a reverse step: the posterior's β̃ and the forward step's β, of the state where the step arrives. With v in [−1, 1] the
/// logarithm of the variance is (1 + v)/2·ln β + (1 − v)/2·ln β̃ (Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 15; guided-diffusion's LEARNED_RANGE).
/// </summary>
/// <param name="Smallest">β̃ = σ_to²·(1 − (r_to/r)²) with r = σ/α; 0 for a step to clean data.</param>
/// <param name="Largest">β, the variance that the noise of the forward step has for the variance-preserving state.</param>
public readonly record struct VarianceRange(double Smallest, double Largest)
{
    /// <summary>The bounds of a step.</summary>
    /// <param name="from">Where the step starts.</param>
    /// <param name="to">Where it arrives; not noisier.</param>
    public static VarianceRange Of(NoiseLevel from, NoiseLevel to)
    {
        double share = from.RenewedShare(to);
        // For states of any scale: σ/√(α² + σ²) is the variance-preserving σ.
        double sigma = from.Sigma / ScaleOf(from) * ScaleOf(to);
        return new VarianceRange(to.Sigma * to.Sigma * share, sigma * sigma * share);
    }

    /// <summary>ln of the variance of each place: a fresh tensor; null where the step has no target, or goes to clean data and adds no noise.</summary>
    /// <param name="place">v [B, ...].</param>
    /// <param name="step">The step.</param>
    internal static Tensor? LogVariance(Tensor place, in StepContext step)
    {
        if (step.Target is not { Sigma: > 0 } target)
            return null;
        var ranges = new VarianceRange[place.size(0)];
        for (int row = 0; row < ranges.Length; row++)
            ranges[row] = Of(step.Level[row], target);
        return LogVariance(place, ranges);
    }

    /// <summary>ln of the variance of each place: a fresh tensor.</summary>
    /// <param name="place">v [B, ...].</param>
    /// <param name="ranges">The bounds of each row; above 0.</param>
    internal static Tensor LogVariance(Tensor place, IReadOnlyList<VarianceRange> ranges)
    {
        using var middle = RowTensors.Column([.. ranges.Select(range => (Math.Log(range.Largest) + Math.Log(range.Smallest)) / 2)], place);
        using var half = RowTensors.Column([.. ranges.Select(range => (Math.Log(range.Largest) - Math.Log(range.Smallest)) / 2)], place);
        return middle.PlusProduct(place, half);
    }

    private static double ScaleOf(NoiseLevel level) => Math.Sqrt(level.Alpha * level.Alpha + level.Sigma * level.Sigma);
}
