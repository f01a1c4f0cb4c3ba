using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>An optimizer at work on flat buffers. Owns what it remembers, not what it updates.</summary>
internal abstract class FlatOptimizer : IDisposable
{
    /// <summary>Takes the buffers.</summary>
    /// <exception cref="ArgumentException">They are not flat Float32 tensors of one length.</exception>
    protected FlatOptimizer(Tensor parameters, Tensor gradients)
    {
        foreach (var tensor in new[] { parameters, gradients })
            if (tensor.dim() != 1 || tensor.size(0) != parameters.size(0) || tensor.dtype != ScalarType.Float32)
                throw new ArgumentException($"Expected flat Float32 parameters and gradients of one length, got {parameters} and {gradients}.", nameof(gradients));
    }

    /// <summary>All that it remembers from step to step, by name; not the caller's to dispose.</summary>
    public abstract IEnumerable<(string Name, Tensor Values)> State { get; }

    /// <summary>One update of the parameters.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="gradientDivisor">What the gradients are divided by first: 1, or norm/limit where the norm is above the limit.</param>
    public abstract void Step(double learningRate, double gradientDivisor);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Zeros like a buffer, which outlive the scope they are made in.</summary>
    protected static Tensor Zeros(Tensor like)
    {
        using var noGrad = no_grad();
        return zeros_like(like).DetachFromDisposeScope();
    }
}
