namespace Microsoft.ML.Diffusion;

/// <summary>Some of the steps with which a latent consistency model was distilled (Luo et al. 2023, arXiv:2310.04378), as diffusers' LCMScheduler picks them.</summary>
internal sealed class LcmSpacing : TimeSpacing
{
    /// <summary>original_inference_steps.</summary>
    public int OriginalSteps { get; init; } = 50;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The schedule is no table, or the run has more steps than the distillation.</exception>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        CheckSteps(steps);
        if (schedule is not DiscreteSchedule table)
            throw new ArgumentException($"The spacing is one of timesteps, but {schedule?.GetType().Name} is no schedule of a table of β.", nameof(schedule));
        if (steps > OriginalSteps)
            throw new ArgumentException($"original_inference_steps is {OriginalSteps}: the model can not be sampled with {steps} steps.", nameof(steps));
        int stride = table.Steps / OriginalSteps;
        return table.Grid([.. Enumerable.Range(0, steps).Select(i => (OriginalSteps - (int)((long)i * OriginalSteps / steps)) * stride - 1)]);
    }
}
