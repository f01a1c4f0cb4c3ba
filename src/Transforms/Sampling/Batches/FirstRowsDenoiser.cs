using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A denoiser that is asked for the first rows of a batch alone; the rest, which only fills the batch up, is answered with zeros. The
/// sampler's own arithmetic stays that of the whole batch, so that
/// its rounding does.
/// </summary>
/// <param name="inner">The denoiser.</param>
/// <param name="rowsFor">How many rows it is asked for, where each has a level of its own, and where they share one.</param>
internal sealed class FirstRowsDenoiser(IDenoiser inner, Func<bool, int> rowsFor) : IDenoiser
{
    private int? _shared, _own;

    /// <summary>As many rows at shared levels as at own ones.</summary>
    public FirstRowsDenoiser(IDenoiser inner, int rows)
        : this(inner, _ => rows)
    {
    }

    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        int rows = step.Level.Count > 1 ? _own ??= rowsFor(true) : _shared ??= rowsFor(false);
        if (rows == x.size(0))
            return inner.Denoise(x, step, condition);
        using var first = x.narrow(0, 0, rows);
        using var previous = step.Previous?.narrow(0, 0, rows);
        using var packed = condition.Layout.Width > 0 ? condition.Packed.narrow(0, 0, rows) : null;
        var few = step with { Level = step.Level.Rows(0, rows), Previous = previous };
        var answer = inner.Denoise(first, few, new Conditioning(condition.Layout, packed));
        using var x0 = answer.X0;
        using var logVariance = answer.LogVariance;
        return new Denoised(Filled(x0, x.size(0)), logVariance is null ? null : Filled(logVariance, x.size(0)));
    }

    private static Tensor Filled(Tensor answer, long all)
    {
        long[] shape = [.. answer.shape];
        shape[0] = all - shape[0];
        using var rest = zeros(shape, answer.dtype, answer.device);
        return cat([answer, rest]);
    }
}
