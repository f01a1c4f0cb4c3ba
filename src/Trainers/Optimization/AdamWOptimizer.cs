namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2), one fused kernel over all parameters.</summary>
/// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1). 0.9 unless given.</param>
/// <param name="beta2">The decay rate of the mean of their squares, in [0, 1). 0.999 unless given.</param>
/// <param name="epsilon">What is added to the root of that mean; positive. 1e-8 unless given.</param>
public sealed class AdamWOptimizer(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : WeightOptimizer
{
    /// <summary>The decay rate of the mean of the gradients.</summary>
    public double Beta1 { get; } = beta1 is >= 0 and < 1 ? beta1 : throw new ArgumentOutOfRangeException(nameof(beta1), beta1, "β₁ must be in [0, 1).");

    /// <summary>The decay rate of the mean of their squares.</summary>
    public double Beta2 { get; } = beta2 is >= 0 and < 1 ? beta2 : throw new ArgumentOutOfRangeException(nameof(beta2), beta2, "β₂ must be in [0, 1).");

    /// <summary>What is added to the root of that mean.</summary>
    public double Epsilon { get; } = epsilon is > 0 and < double.PositiveInfinity ? epsilon : throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "ε must be positive and finite.");

    internal override FlatOptimizer Start(OptimizerTask task) => new FusedAdamW(task.Parameters, task.Gradients, this, task.WeightDecay);
}
