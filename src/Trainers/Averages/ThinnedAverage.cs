namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// The plain average of every so many weights after a burn-in: the posterior mean of weights that <see cref="SgldOptimizer"/> samples (Welling and Teh 2011, section 3), and stochastic weight
/// averaging with any optimizer (Izmailov et al. 2018, arXiv:1803.05407, Algorithm 1). During the burn-in it is the last weights.
/// </summary>
/// <param name="burnIn">The number of steps before the first weights that count; not negative.</param>
/// <param name="every">The number of steps from weights that count to the next; at least 1. 1 unless given.</param>
public sealed class ThinnedAverage(long burnIn, int every = 1) : WeightAverage
{
    /// <summary>The number of steps before the first weights that count.</summary>
    public long BurnIn { get; } = burnIn >= 0 ? burnIn : throw new ArgumentOutOfRangeException(nameof(burnIn), burnIn, "The burn-in must not be negative.");

    /// <summary>The number of steps from weights that count to the next.</summary>
    public int Every { get; } = every >= 1 ? every : throw new ArgumentOutOfRangeException(nameof(every), every, "The distance of weights that count must be at least 1.");

    /// <inheritdoc/>
    public override double WeightAt(long step)
    {
        var (counted, between) = Math.DivRem(step - 1 - BurnIn, Every);
        return step <= BurnIn ? 1 : between == 0 ? 1.0 / (counted + 1) : 0;
    }
}
