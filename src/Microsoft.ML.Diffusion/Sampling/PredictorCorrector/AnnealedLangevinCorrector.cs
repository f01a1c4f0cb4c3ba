namespace Microsoft.ML.Diffusion;

/// <summary>
/// Langevin steps whose length is a share of the level's noise: x + ε·s + √(2ε)·z with ε = 2·a²·(snr·σ)², where a² is 1 − β of the forward chain, 1 for
/// the variance-exploding SDE: "ald" of the score-SDE reference, after Song and Ermon 2019 (arXiv:1907.05600, algorithm 1).
/// </summary>
/// <param name="snr">The signal-to-noise ratio; positive. 0.16 unless given.</param>
/// <param name="steps">The number of steps a level; 1 … 10,000. 1 unless given.</param>
public sealed class AnnealedLangevinCorrector(double snr = 0.16, int steps = 1) : ICorrector
{
    /// <summary>The signal-to-noise ratio.</summary>
    public double Snr { get; } = CorrectorOptions.CheckSnr(snr);

    /// <summary>The number of steps a level.</summary>
    public int Steps { get; } = CorrectorOptions.CheckSteps(steps);

    /// <inheritdoc/>
    public LinearExpression Correct(PredictorCorrectorStep step, LinearExpression x)
    {
        ArgumentNullException.ThrowIfNull(step);
        double scale = (1 + step.Link.Step.Drift) * Snr * step.Level.Sigma;
        for (int k = 0; k < Steps; k++)
        {
            var score = step.Score(ref x);
            x += 2 * scale * scale * score + 2 * scale * step.Trace.Noise();
        }
        return x;
    }
}
