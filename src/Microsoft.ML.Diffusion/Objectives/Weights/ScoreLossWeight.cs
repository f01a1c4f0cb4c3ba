namespace Microsoft.ML.Diffusion;

/// <summary>
/// λ of the error in the score as a weight of a denoising loss: λ·α²/σ⁴ over the error in x0, because the score is (α·x0 − x)/σ². With
/// <see cref="LikelihoodWeight"/> training maximises a bound of the likelihood (Song et al. 2021, arXiv:2101.09258, Theorem 1).
/// </summary>
/// <param name="score">λ.</param>
public sealed class ScoreLossWeight(ScoreWeight score) : LossWeight
{
    /// <summary>λ.</summary>
    public ScoreWeight Score { get; } = score ?? throw new ArgumentNullException(nameof(score));

    /// <inheritdoc/>
    public override double OnX0(NoiseLevel level, Parameterization parameterization)
    {
        double root = level.Alpha / (level.Sigma * level.Sigma);
        return Score.At(level, null) * root * root;
    }
}
