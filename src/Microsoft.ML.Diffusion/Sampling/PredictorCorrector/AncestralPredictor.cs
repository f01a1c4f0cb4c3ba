namespace Microsoft.ML.Diffusion;

/// <summary>
/// Ancestral sampling of the forward chain x_next = a·x + b·z: the mean (x + b²·s)/a (Song et al. 2021, arXiv:2011.13456, eq. 4 and appendix F). With the
/// levels of the grid as chain it is <see cref="DdpmSolver"/>. Order 1.
/// </summary>
/// <param name="largeVariance">
/// Whether the step's variance is that of the forward step, b², as in the reference's variance-preserving sampler, instead of that of the
/// posterior, b²·(σ_cleaner/σ_noisier)², as in its variance-exploding one.
/// </param>
public sealed class AncestralPredictor(bool largeVariance = false) : IPredictor
{
    /// <summary>Whether the variance is that of the forward step instead of that of the posterior.</summary>
    public bool LargeVariance { get; } = largeVariance;

    /// <inheritdoc/>
    public (LinearExpression Mean, double Deviation) Predict(PredictorCorrectorStep step, LinearExpression x)
    {
        ArgumentNullException.ThrowIfNull(step);
        var (drift, b) = step.Link.Step;
        double deviation = LargeVariance ? b : b * step.Link.Cleaner.Sigma / step.Link.Noisier.Sigma;
        var score = step.Score(ref x, deviation);
        return ((x + b * b * score) / (1 + drift), deviation);
    }
}
