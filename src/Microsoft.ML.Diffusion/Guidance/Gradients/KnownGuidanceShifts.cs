namespace Microsoft.ML.Diffusion;

/// <summary>The ways from a gradient of ln p to a shift of x̂0.</summary>
public static class KnownGuidanceShifts
{
    /// <summary>The gradient joins the score: Dhariwal and Nichol 2021, arXiv:2105.05233, Algorithm 2. For every sampler.</summary>
    public static GuidanceShift Score { get; } = new ScoreShift();

    /// <summary>The mean of each noisy step moves by its variance times the gradient: Algorithm 1. For samplers that add noise.</summary>
    public static GuidanceShift Mean { get; } = new MeanShift();
}
