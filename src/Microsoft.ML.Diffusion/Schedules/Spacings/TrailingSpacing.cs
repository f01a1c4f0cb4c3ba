namespace Microsoft.ML.Diffusion;

/// <summary>
/// Even steps from the noisiest one down: round(T − i·T/N) − 1 (Lin et al. 2023, arXiv:2305.08891, Table 2). Sampling starts where
/// training ended, which matters with few steps.
/// </summary>
public sealed class TrailingSpacing : EvenSpacing
{
    private protected override int[] PickSteps(int total, int count)
    {
        double ratio = (double)total / count;
        return [.. Enumerable.Range(0, count).Select(i => (int)Math.Round(total - i * ratio) - 1)];
    }

    private protected override double PickTime(double first, int count, int index) => 1 - (double)index / count;
}
