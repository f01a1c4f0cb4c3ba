namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A loss at a step of a training.</summary>
/// <param name="Step">The step.</param>
/// <param name="Loss">The loss; a value that is not finite is left out of a plot.</param>
public readonly record struct LossPoint(double Step, double Loss);
