namespace Microsoft.ML.Diffusion;

/// <summary>
/// Langevin steps whose length follows from a signal-to-noise ratio: x + ε·s + √(2ε)·z with ε = 2·a²·(snr·‖z‖/‖s‖)², where a² is 1 − β of the
/// forward chain, 1 for the variance-exploding SDE (Song et al. 2021, arXiv:2011.13456, algorithms 4 and 5).
/// </summary>
/// <remarks>
/// For rows of many places, such as pictures, whose norms hardly vary. With few places the score of a row is often near 0, and the step of that row
/// explodes: there <see cref="AnnealedLangevinCorrector"/> serves, which looks at the level alone.
/// </remarks>
/// <param name="snr">The signal-to-noise ratio; positive. 0.16 unless given, the reference's for pictures of 32 px and the variance-exploding SDE.</param>
/// <param name="steps">The number of steps a level; 1 … 10,000. 1 unless given.</param>
/// <param name="overBatch">
/// Whether ‖z‖ and ‖s‖ are means over the batch, as in the reference. Then a row's sample depends on the rows beside it, and the pipeline
/// refuses it; so it is off unless given, and is there to compare with the reference.
/// </param>
public sealed class LangevinCorrector(double snr = 0.16, int steps = 1, bool overBatch = false) : ICorrector
{
    /// <summary>The signal-to-noise ratio.</summary>
    public double Snr { get; } = CorrectorOptions.CheckSnr(snr);

    /// <summary>The number of steps a level.</summary>
    public int Steps { get; } = CorrectorOptions.CheckSteps(steps);

    /// <summary>Whether norms are means over the batch, instead of each row's own.</summary>
    public bool OverBatch { get; } = overBatch;

    bool ICorrector.MixesRows => OverBatch;

    /// <inheritdoc/>
    public LinearExpression Correct(PredictorCorrectorStep step, LinearExpression x)
    {
        ArgumentNullException.ThrowIfNull(step);
        var trace = step.Trace;
        double scale = (1 + step.Link.Step.Drift) * Snr;
        for (int k = 0; k < Steps; k++)
        {
            var score = trace.Store(step.Score(ref x));
            var z = trace.Noise();
            // ε = 2·(scale·‖z‖/‖s‖)², so that √(2ε) = 2·scale·‖z‖/‖s‖.
            var noise = trace.ScaleByNorms(z, z, score, 1, OverBatch);
            var pull = trace.ScaleByNorms(score, z, score, 2, OverBatch);
            x += 2 * scale * scale * pull + 2 * scale * noise;
        }
        return x;
    }
}
