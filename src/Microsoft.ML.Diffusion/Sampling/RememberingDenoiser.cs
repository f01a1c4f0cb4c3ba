using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser during a run, which is told its answer before (<see cref="StepContext.Previous"/>) where it takes one: a tensor of the batch more.</summary>
internal sealed class RememberingDenoiser(IDenoiser inner) : IDenoiser, IDisposable
{
    private Tensor? _previous;

    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        if (!inner.TakesPrevious)
            return inner.Denoise(x, step, condition);
        var answer = inner.Denoise(x, step with { Previous = _previous }, condition);
        _previous?.Dispose();
        // Not in the scope of the caller; and the answer is the caller's to change.
        _previous = answer.X0.clone().DetachFromDisposeScope();
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose() => _previous?.Dispose();
}
