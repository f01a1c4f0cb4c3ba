using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Keeps every question and answer of a denoiser.</summary>
public sealed class RecordingDenoiser(IDenoiser inner) : IDenoiser, IDisposable
{
    private readonly List<(Tensor X, NoiseLevel Level, Tensor X0)> _calls = [];

    /// <summary>The calls in order: the state, its level and the answer.</summary>
    public IReadOnlyList<(Tensor X, NoiseLevel Level, Tensor X0)> Calls => _calls;

    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var denoised = inner.Denoise(x, step, condition);
        _calls.Add((x.clone(), step.Level[0], denoised.X0.clone()));
        return denoised;
    }

    public void Dispose()
    {
        foreach (var (x, _, x0) in _calls)
        {
            x.Dispose();
            x0.Dispose();
        }
    }
}
