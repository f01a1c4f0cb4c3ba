using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>One denoiser at the levels of an interval, another elsewhere.</summary>
internal sealed class IntervalDenoiser(IDenoiser outside, IDenoiser within, LevelInterval interval) : IDenoiser
{
    /// <inheritdoc/>
    public bool TakesPrevious => outside.TakesPrevious || within.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var levels = step.Level;
        bool[] isWithin = [.. Enumerable.Range(0, levels.Count).Select(row => interval.Contains(levels[row]))];
        if (!isWithin.Contains(false))
            return within.Denoise(x, step, condition);
        if (!isWithin.Contains(true))
            return outside.Denoise(x, step, condition);
        // Rows of different levels, as no sampler has them: each gets its own.
        var yes = within.Denoise(x, step, condition);
        using var yesX0 = yes.X0;
        using var yesVariance = yes.LogVariance;
        var no = outside.Denoise(x, step, condition);
        using var noX0 = no.X0;
        using var noVariance = no.LogVariance;
        var variance = yesVariance is null || noVariance is null ? null : RowTensors.Choose(isWithin, yesVariance, noVariance);
        return new Denoised(RowTensors.Choose(isWithin, yesX0, noX0), variance);
    }
}
