using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Limits the estimates of a denoiser to [−limit, limit].</summary>
internal sealed class ClippingDenoiser(IDenoiser inner, double limit) : IDenoiser
{
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var answer = inner.Denoise(x, step, condition);
        using var x0 = answer.X0;
        return answer with { X0 = x0.clamp(-limit, limit) };
    }
}
