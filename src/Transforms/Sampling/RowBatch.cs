using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Rows on the device of the model. Owns nothing.</summary>
/// <param name="Denoiser">The denoiser.</param>
/// <param name="Condition">The condition of each row.</param>
/// <param name="Noise">The random numbers of each row.</param>
/// <param name="Inputs">The task's inputs, in their order; all [B, ...] of the data's shape, but a weight's [B].</param>
/// <param name="Like">A tensor [B, ...] of the data's shape.</param>
/// <param name="Progress">Told after each call of the denoiser.</param>
internal sealed record RowBatch(
    IDenoiser Denoiser, Conditioning Condition, INoiseSource Noise, IReadOnlyList<Tensor> Inputs, Tensor Like, IProgress<SamplingProgress>? Progress)
{
    /// <summary>Runs a program.</summary>
    public Tensor Run(ISamplingProgram program, Tensor start) => program.Run(Denoiser, start, Condition, Noise, Progress);

    /// <summary>Runs a plan that has inputs.</summary>
    public Tensor Run(SamplingPlan plan, Tensor start, params IReadOnlyList<Tensor> inputs)
        => PlanRunner.Run(plan, Denoiser, start, Condition, Noise, inputs, Progress);

    /// <summary>Runs a plan that has inputs from noise.</summary>
    public Tensor RunFromNoise(SamplingPlan plan, params IReadOnlyList<Tensor> inputs)
    {
        using var start = PlanRunner.DrawStart(plan.Grid, Noise, Like);
        return Run(plan, start, inputs);
    }
}
