namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What a training step measured.</summary>
/// <param name="Loss">The loss of the batch, before the update.</param>
/// <param name="GradientNorm">The norm of the gradient, before clipping.</param>
internal readonly record struct StepResult(double Loss, double GradientNorm)
{
    /// <summary>Whether the weights were updated: a loss or gradient that is not finite leaves them as they were.</summary>
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(GradientNorm);
}
