using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A denoiser that is asked for the first rows of a batch alone; the rest, which only fills the batch up, is answered with zeros. The sampler's own arithmetic stays that of the whole batch, so that
/// its rounding does.
/// </summary>
/// <param name="inner">The denoiser.</param>
/// <param name="rows">How many rows it is asked for.</param>
internal sealed class FirstRowsDenoiser(IDenoiser inner, int rows) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        using var first = x.narrow(0, 0, rows);
        using var previous = step.Previous?.narrow(0, 0, rows);
        using var packed = condition.Layout.Width > 0 ? condition.Packed.narrow(0, 0, rows) : null;
        var answer = inner.Denoise(first, step with { Level = Levels(step.Level), Previous = previous }, new Conditioning(condition.Layout, packed));
        using var x0 = answer.X0;
        using var logVariance = answer.LogVariance;
        return new Denoised(Filled(x0, x.size(0)), logVariance is null ? null : Filled(logVariance, x.size(0)));
    }

    private NoiseLevels Levels(NoiseLevels levels)
    {
        if (levels.Count == 1)
            return levels;
        NoiseLevel[] first = [.. Enumerable.Range(0, rows).Select(row => levels[row])];
        double[] times = levels.TimeAt(0) is null ? [] : [.. Enumerable.Range(0, rows).Select(row => levels.TimeAt(row)!.Value)];
        return new NoiseLevels(first, times);
    }

    private static Tensor Filled(Tensor answer, long all)
    {
        long[] shape = [.. answer.shape];
        shape[0] = all - shape[0];
        using var rest = zeros(shape, answer.dtype, answer.device);
        return cat([answer, rest]);
    }
}
