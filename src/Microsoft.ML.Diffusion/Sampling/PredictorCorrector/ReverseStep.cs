namespace Microsoft.ML.Diffusion;

/// <summary>A step of a forward chain, turned round.</summary>
internal static class ReverseStep
{
    /// <summary>
    /// x − Drift·x + Diffusion²·s and noise of Diffusion (Song et al. 2021, arXiv:2011.13456, eq. 46); for the probability flow half the score and no
    /// noise (eq. 49).
    /// </summary>
    public static (LinearExpression Mean, double Deviation) Of(SdeStep forward, bool probabilityFlow, PredictorCorrectorStep step, LinearExpression x)
    {
        double deviation = probabilityFlow ? 0 : forward.Diffusion;
        double weight = forward.Diffusion * forward.Diffusion * (probabilityFlow ? 0.5 : 1);
        var score = step.Score(ref x, deviation);
        return ((1 - forward.Drift) * x + weight * score, deviation);
    }
}
