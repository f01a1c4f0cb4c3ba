using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The mean of the step moves by Σ·g, its variance times the gradient (Dhariwal and Nichol 2021, arXiv:2105.05233, Algorithm 1): x̂0 moves by (Σ/B)·g, where B is the weight that the step gives x̂0.
/// For samplers that add noise, whose variance Σ is that of the step, or the network's own where it learned one; exact for DDPM, and for DDIM with η ≤ 1. The step to clean data, which adds none, is
/// not guided.
/// </summary>
public sealed class MeanShift : GuidanceShift
{
    // Σ = β̃ comes with the rounding of another formula.
    private const double Rounding = 1e-9;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The step adds no noise, or there is none.</exception>
    public override Tensor Of(Tensor gradient, in StepContext step, Tensor? logVariance)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        const string Advice = "Use a sampler that adds noise, such as KnownSolvers.DdpmAncestral, or the form for every sampler, KnownGuidanceShifts.Score.";
        if (step.Target is not { } target)
            throw new InvalidOperationException($"Guidance by a shift of the mean (Algorithm 1) needs a sampling step, but the denoiser was asked at level {step.Level[0]} without one. {Advice}");
        double variance = step.NoiseVariance;
        if (!(variance > 0) && target.Sigma > 0)
            throw new InvalidOperationException($"Guidance by a shift of the mean (Algorithm 1) moves it by the variance of the step, but the step from level {step.Level[0]} to {target} adds no noise, so that nothing would be guided. {Advice}");
        if (logVariance is null)
            return step.Level.Multiply(gradient, level => variance / WeightOfEstimate(level, target, variance));
        using var learned = logVariance.exp();
        using var moved = gradient.mul(learned);
        return step.Level.Multiply(moved, level => 1 / (target.Alpha * level.RenewedShare(target)));
    }

    // The step goes to α'·x̂0 + σ_down·ε̂ with σ_down² = σ'² − Σ, as DDIM's: from x, B = α' − α·σ_down/σ. For Σ = β̃ that is DDPM's α'·(1 − (r'/r)²), which DDPM keeps for larger variances.
    private static double WeightOfEstimate(NoiseLevel level, NoiseLevel target, double variance)
    {
        double share = level.RenewedShare(target), posterior = target.Sigma * target.Sigma * share;
        return variance >= posterior * (1 - Rounding)
            ? target.Alpha * share
            : target.Alpha - level.Alpha * Math.Sqrt(target.Sigma * target.Sigma - variance) / level.Sigma;
    }
}
