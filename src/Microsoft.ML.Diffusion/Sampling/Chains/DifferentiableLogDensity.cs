using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A given log-density, whose score is its gradient by automatic differentiation.</summary>
/// <param name="logDensity">
/// ln p, up to a constant: from x [B, ...] to a fresh tensor [B], each row from that row alone. −∞ where the density is 0. It must be made of
/// differentiable operations where a kernel uses the score.
/// </param>
public sealed class DifferentiableLogDensity(Func<Tensor, Tensor> logDensity) : ILogDensity
{
    private readonly Func<Tensor, Tensor> _logDensity = logDensity ?? throw new ArgumentNullException(nameof(logDensity));

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The function's result has another shape than [B], or no gradient though the score is wanted.</exception>
    public DensityPoint At(Tensor x, bool withScore)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!withScore)
        {
            using var off = no_grad();
            return new DensityPoint(x, null, Check(_logDensity(x), x));
        }
        using var on = enable_grad();
        using var leaf = x.detach().requires_grad_();
        using var value = Check(_logDensity(leaf), x);
        // libtorch ends the process where there is nothing to differentiate.
        if (!value.requires_grad)
            throw new InvalidOperationException("The log-density does not depend on x by differentiable operations, so it has no score; use a kernel that needs none.");
        using var sum = value.sum();
        var score = autograd.grad([sum], [leaf])[0];
        return new DensityPoint(x, score, value.detach());
    }

    /// <inheritdoc/>
    public Tensor LogRatio(DensityPoint from, DensityPoint to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return to.LogDensity!.Minus(from.LogDensity!);
    }

    private static Tensor Check(Tensor value, Tensor x)
    {
        if (value.dim() == 1 && value.size(0) == x.size(0))
            return value;
        using (value)
            throw new InvalidOperationException($"A log-density must give one number for each of the {x.size(0)} rows, got [{string.Join(", ", value.shape)}].");
    }
}
