using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A sampler made ready for a grid: runs any number of batches.</summary>
/// <remarks>Immutable and thread safe. A row of the result depends on that row of the arguments alone.</remarks>
public interface ISamplingProgram
{
    /// <summary>The grid.</summary>
    TimeGrid Grid { get; }

    /// <summary>How often the denoiser is asked (NFE); null where that depends on the answers.</summary>
    int? Evaluations { get; }

    /// <summary>Samples a batch, without gradients.</summary>
    /// <param name="denoiser">The denoiser.</param>
    /// <param name="start">The starting state [B, ...], at the first level of the grid; it stays the caller's, untouched.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <param name="noise">The source of random numbers; draw 0 is the start's.</param>
    /// <param name="progress">Told after each evaluation; nobody unless given.</param>
    /// <param name="cancellationToken">Ends the run before the next evaluation.</param>
    /// <returns>The sample, of the shape of <paramref name="start"/>: a fresh tensor that the caller owns.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The denoiser answered with NaN or infinity; names the level where it did first.</exception>
    Tensor Run(
        IDenoiser denoiser,
        Tensor start,
        Conditioning condition,
        INoiseSource noise,
        IProgress<SamplingProgress>? progress = null,
        CancellationToken cancellationToken = default);
}
