using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The trace of the Jacobian of a batch's answer by the batch, row by row, from backward passes. An error inside libtorch's autograd ends
/// the
/// process, so that all is checked before.
/// </summary>
internal static class Divergence
{
    /// <summary>vᵀ·J·v of each row, [B].</summary>
    /// <param name="x">x [B, ...], which records gradients.</param>
    /// <param name="answer">f(x) [B, ...], of the shape of x, with the graph from x.</param>
    /// <param name="probe">v, of the shape of x.</param>
    /// <param name="keepGraph">Whether a further pass through the graph follows.</param>
    /// <param name="createGraph">Whether the result has a graph of its own; keeps that of the answer.</param>
    public static Tensor Along(Tensor x, Tensor answer, Tensor probe, bool keepGraph, bool createGraph = false)
    {
        using var gradient = VectorJacobian(x, answer, probe, keepGraph, createGraph);
        return RowSums.OfProduct(gradient, probe);
    }

    /// <summary>tr J of each row, [B]: a backward pass for each value of a row.</summary>
    /// <param name="x">x [B, ...], which records gradients.</param>
    /// <param name="answer">f(x) [B, ...], of the shape of x, with the graph from x.</param>
    /// <param name="createGraph">Whether the result has a graph of its own.</param>
    public static Tensor Exact(Tensor x, Tensor answer, bool createGraph = false)
    {
        int dimension = checked((int)(x.numel() / x.size(0)));
        Tensor? trace = null;
        for (int i = 0; i < dimension; i++)
        {
            using var unit = UnitVectors(x, i);
            var entry = Along(x, answer, unit, keepGraph: i < dimension - 1, createGraph);
            using var before = trace;
            trace = before is null ? entry : before.Plus(entry);
            if (before is not null)
                entry.Dispose();
        }
        return trace!;
    }

    /// <summary>vᵀ·J of each row, of the shape of x.</summary>
    /// <param name="x">x [B, ...], which records gradients.</param>
    /// <param name="answer">f(x) [B, ...], of the shape of x, with the graph from x.</param>
    /// <param name="probe">v, of the shape of x.</param>
    /// <param name="keepGraph">Whether a further pass through the graph follows.</param>
    /// <param name="createGraph">Whether the result has a graph of its own; keeps that of the answer.</param>
    public static Tensor VectorJacobian(Tensor x, Tensor answer, Tensor probe, bool keepGraph, bool createGraph = false)
    {
        if (!answer.shape.AsSpan().SequenceEqual(x.shape) || !probe.shape.AsSpan().SequenceEqual(x.shape))
            throw new InvalidOperationException($"Expected an answer and a probe of the shape of x, [{string.Join(", ", x.shape)}], got [{string.Join(", ", answer.shape)}] and [{string.Join(", ", probe.shape)}].");
        if (!answer.requires_grad)
            throw new InvalidOperationException("The answer records no gradient, so that its derivative is unknown: the denoiser, or the score, must compute with gradients enabled, and depend on x.");
        using var weighted = answer.mul(probe);
        using var total = weighted.sum();
        // x itself with weight 0: an answer whose graph does not lead to x has derivative 0, not an error inside libtorch.
        using var none = x.Times(0);
        using var nothing = none.sum();
        using var value = total.Plus(nothing);
        return autograd.grad([value], [x], null, keepGraph || createGraph, createGraph)[0];
    }

    private static Tensor UnitVectors(Tensor x, int place)
    {
        var units = zeros(x.shape, x.dtype, x.device);
        using var flat = units.view(x.size(0), -1);
        using var column = flat.narrow(1, place, 1);
        using Scalar one = 1;
        column.fill_(one);
        return units;
    }
}
