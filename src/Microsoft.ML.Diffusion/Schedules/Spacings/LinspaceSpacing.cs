namespace Microsoft.ML.Diffusion;

/// <summary>Even steps that include both the noisiest and the cleanest time: round(i·(T−1)/(N−1)) (Nichol and Dhariwal 2021, arXiv:2102.09672).</summary>
public sealed class LinspaceSpacing : EvenSpacing
{
    private protected override int[] PickSteps(int total, int count)
    {
        // A single step starts from pure noise, as the first of several does.
        double ratio = count == 1 ? 0 : (total - 1.0) / (count - 1);
        return [.. Enumerable.Range(0, count).Select(i => count == 1 ? total - 1 : (int)Math.Round((count - 1 - i) * ratio))];
    }

    private protected override double PickTime(double first, int count, int index)
        => count == 1 ? 1 : 1 - (1 - first) * index / (count - 1);
}
