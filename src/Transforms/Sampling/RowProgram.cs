using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A task made ready for a model.</summary>
/// <remarks>Immutable and thread safe. A row of the result depends on that row of the batch alone.</remarks>
internal abstract class RowProgram
{
    /// <summary>Whether a result is one number, [B, 1], rather than of the data's shape.</summary>
    public virtual bool IsScalar => false;

    /// <summary>Runs a batch, without gradients.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>[B, ...], Float32, a fresh tensor that the caller owns.</returns>
    public abstract Tensor Run(RowBatch batch);

    /// <summary>What of a denoiser's answer a result hangs on: where it has the same bits for few rows as for many, results have.</summary>
    /// <param name="denoiser">The denoiser.</param>
    /// <param name="x">x [B, ...].</param>
    /// <param name="step">The step.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <returns>[B, ...], a fresh tensor.</returns>
    public virtual Tensor Ask(IDenoiser denoiser, Tensor x, in StepContext step, Conditioning condition)
    {
        var answer = denoiser.Denoise(x, step, condition);
        answer.LogVariance?.Dispose();
        return answer.X0;
    }

    /// <summary>Turns a row of the result into what the user gets, in place.</summary>
    /// <param name="result">The row in model space.</param>
    /// <param name="codec">The way to the user's data.</param>
    /// <param name="inputs">The rows of the inputs as they were read.</param>
    /// <param name="place">The place of the row in the batch.</param>
    public virtual void Finish(Span<float> result, IDataCodec codec, IReadOnlyList<InputRows> inputs, int place) => codec.DecodeSample(result);
}
