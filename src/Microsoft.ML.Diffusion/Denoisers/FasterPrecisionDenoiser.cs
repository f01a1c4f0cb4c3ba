using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser whose networks compute in the precision in which they are faster: at its first call with a number of rows, both are timed on that very call.</summary>
/// <param name="inner">The denoiser.</param>
/// <param name="work">Its networks and the shape of its samples, as text: what has been timed in this process is not timed anew.</param>
/// <param name="clock">The clock; the system's where null.</param>
internal sealed class FasterPrecisionDenoiser(IDenoiser inner, string work, TimeProvider? clock = null) : IDenoiser
{
    private readonly PrecisionDenoiser _narrow = new(inner, Precision.BFloat16);

    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var context = step;
        var verdict = PrecisionRace.Remember($"a call, {x.size(0)} rows, {work}", () => PrecisionRace.Run(Call(inner), Call(_narrow), PrecisionRace.Longest, Precision.Auto.Resolve(x.device), clock ?? TimeProvider.System));
        return (verdict?.Precision == Precision.BFloat16 ? _narrow : inner).Denoise(x, step, condition);

        Action Call(IDenoiser denoiser) => () =>
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            _ = denoiser.Denoise(x, context, condition);
        };
    }
}
