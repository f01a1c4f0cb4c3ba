namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What a run is told from outside, and tells: nothing of it is saved with a model.</summary>
/// <param name="Progress">Told after each call of the denoiser; nobody where null.</param>
/// <param name="CancellationToken">Ends the run.</param>
internal sealed record SamplingWatch(IProgress<SamplingProgress>? Progress = null, CancellationToken CancellationToken = default)
{
    /// <summary>Nobody watches, as of a model that was loaded.</summary>
    public static SamplingWatch None { get; } = new();

    /// <summary>That of options.</summary>
    public static SamplingWatch Of(IProgress<SamplingProgress>? progress, Action<SamplingProgress>? action, CancellationToken token)
        => new(action is null ? progress : new ActionProgress(progress, action), token);

    // Not System.Progress, which posts to other threads, in any order.
    private sealed class ActionProgress(IProgress<SamplingProgress>? other, Action<SamplingProgress> action) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value)
        {
            other?.Report(value);
            action(value);
        }
    }
}
