using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Gradients of a value of each row, under a caller that records none. An error inside libtorch's autograd ends the process, so that all is checked before.
/// </summary>
internal static class GradientOf
{
    /// <summary>∇ₓ v of each row, without a graph.</summary>
    /// <param name="x">x [B, ...].</param>
    /// <param name="levels">The level of each row, which errors name.</param>
    /// <param name="what">What v is, to begin a sentence with.</param>
    /// <param name="value">v [B]: a fresh tensor of an x that records gradients; each row from that row alone.</param>
    /// <returns>[B, ...], a fresh tensor of the type of x.</returns>
    /// <exception cref="InvalidOperationException">v is not [B], not finite or not differentiable, or its gradient is not finite; says which, and names the level.</exception>
    public static Tensor Rows(Tensor x, NoiseLevels levels, string what, Func<Tensor, Tensor> value)
    {
        using var on = enable_grad();
        using var leaf = x.detach().requires_grad_();
        using var values = value(leaf);
        return Of(values, leaf, levels, what, keepGraph: false);
    }

    /// <summary>x̂0 of a denoiser, and the gradient of a value of x̂0 by x, through the denoiser.</summary>
    /// <param name="denoiser">The denoiser.</param>
    /// <param name="x">x [B, ...].</param>
    /// <param name="step">The step.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <param name="what">What the value is, to begin a sentence with.</param>
    /// <param name="value">v [B]: a fresh tensor of an x̂0 that records gradients; each row from that row alone.</param>
    /// <returns>
    /// The answer and ∇ₓ v(x̂0(x)) [B, ...], which the caller owns. The gradient is without a graph; the answer has that to x where the caller records gradients of x, and none else.
    /// </returns>
    /// <exception cref="InvalidOperationException">As of <see cref="Rows"/>; or the denoiser can not be differentiated.</exception>
    public static (Denoised Answer, Tensor Gradient) Through(IDenoiser denoiser, Tensor x, in StepContext step, Conditioning condition, string what, Func<Tensor, Tensor> value)
    {
        bool isRecorded = is_grad_enabled() && x.requires_grad;
        using var on = enable_grad();
        using var leaf = isRecorded ? x.alias() : x.detach().requires_grad_();
        var answer = denoiser.Denoise(leaf, step, condition);
        try
        {
            if (!answer.X0.requires_grad)
                throw new InvalidOperationException(
                    $"{what} is taken of the estimate, and its gradient leads through the denoiser; but this denoiser can not be differentiated, as one that runs outside of torch (ONNX) can not. Use a guidance that needs no gradient through it.");
            using var values = value(answer.X0);
            var gradient = Of(values, leaf, step.Level, what, keepGraph: isRecorded);
            return (isRecorded ? answer : Detach(answer), gradient);
        }
        catch
        {
            answer.X0.Dispose();
            answer.LogVariance?.Dispose();
            throw;
        }
    }

    private static Tensor Of(Tensor values, Tensor x, NoiseLevels levels, string what, bool keepGraph)
    {
        if (values.dim() != 1 || values.size(0) != x.size(0))
            throw new InvalidOperationException($"{what} must be one number for each of the {x.size(0)} rows, a tensor [{x.size(0)}], got [{string.Join(", ", values.shape)}].");
        if (!values.is_floating_point())
            throw new InvalidOperationException($"{what} must be real numbers, got {values.dtype}.");
        if (!values.requires_grad)
            throw new InvalidOperationException($"{what} has no gradient: it does not depend on its input by differentiable operations (detached tensors, no_grad and comparisons cut it off).");
        RequireFinite(values, levels, what);
        using var total = values.sum();
        // Of x alone, so that no gradient stays with weights; what does not depend on x has none, and is no error inside libtorch.
        var gradient = autograd.grad([total], [x], null, keepGraph, false, true)[0];
        if (gradient is null || gradient.IsInvalid)
            throw new InvalidOperationException($"{what} has no gradient: it does not depend on its input by differentiable operations (detached tensors, no_grad and comparisons cut it off).");
        try
        {
            RequireFinite(gradient, levels, $"The gradient: {what}");
            return gradient;
        }
        catch
        {
            gradient.Dispose();
            throw;
        }
    }

    private static void RequireFinite(Tensor values, NoiseLevels levels, string what)
    {
        using var plain = values.detach();
        int rows = (int)values.size(0);
        if (RowTensors.FirstNotFinite(plain, Enumerable.Repeat(true, rows).ToArray()) is { } row)
            throw new InvalidOperationException($"{what} is NaN or infinite in row {row} at level {levels[row]}.");
    }

    private static Denoised Detach(Denoised answer)
    {
        using var x0 = answer.X0;
        using var logVariance = answer.LogVariance;
        return new Denoised(x0.detach(), logVariance?.detach());
    }
}
