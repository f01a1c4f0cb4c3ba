using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser during a run that no plan describes: counts its calls, reports them, ends the run when asked to, and finds answers that are not finite.</summary>
internal sealed class WatchedDenoiser(
    IDenoiser inner, int? evaluations, IProgress<SamplingProgress>? progress, Func<double?> acceptance, CancellationToken cancellationToken) : IDenoiser, IDisposable
{
    private readonly AnswerCheck _answers = new();
    private int _count;

    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var denoised = inner.Denoise(x, step, condition);
        _answers.Note(denoised.X0, step.Level[0]);
        progress?.Report(new SamplingProgress(++_count, evaluations, step.Level[0], acceptance()));
        return denoised;
    }

    /// <summary>Ends the run where an answer was NaN or infinite.</summary>
    public void ThrowIfNotFinite() => _answers.ThrowIfNotFinite();

    public void Dispose() => _answers.Dispose();
}
