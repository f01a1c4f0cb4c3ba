namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Stochastic gradient descent, with momentum or without (Sutskever et al. 2013; PyTorch's SGD): half the memory of Adam, or a third.</summary>
/// <param name="momentum">The decay rate of the sum of the gradients, in [0, 1); 0 for none. 0.9 unless given.</param>
/// <param name="nesterov">Whether the gradient counts once more, as Nesterov's. Not unless given.</param>
public sealed class SgdOptimizer(double momentum = 0.9, bool nesterov = false) : WeightOptimizer
{
    /// <summary>The decay rate of the sum of the gradients; 0 for none.</summary>
    public double Momentum { get; } = momentum is >= 0 and < 1 ? momentum : throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "The momentum must be in [0, 1).");

    /// <summary>Whether the gradient counts once more.</summary>
    public bool Nesterov { get; } = !nesterov || momentum > 0 ? nesterov : throw new ArgumentException("Nesterov's method needs a momentum above 0.", nameof(nesterov));

    internal override FlatOptimizer Start(OptimizerTask task) => new FlatSgd(task.Parameters, task.Gradients, this, task.WeightDecay);
}
