using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Denoises data of a known noise level.</summary>
/// <param name="NoisyColumn">The column of noisy data.</param>
/// <param name="Alpha">α of its level.</param>
/// <param name="Sigma">σ of its level.</param>
internal sealed record DenoiseFromTask(string NoisyColumn, double Alpha, double Sigma) : SamplingTask
{
    public override IReadOnlyList<RowInput> Inputs => [new NoisyInput(NoisyColumn)];

    public override void Check(SamplingSettings settings)
    {
        SamplingSettings.Check(Alpha > 0 && Sigma > 0 && double.IsFinite(Alpha) && double.IsFinite(Sigma), "level", new NoiseLevel(Alpha, Sigma), "of positive, finite α and σ");
        base.Check(settings);
    }

    public override RowProgram Prepare(SamplingSettings settings, NoiseSchedule schedule)
        => new Program(NoisyStart.Plan(SolverOf(settings), settings.Grid(schedule), new NoiseLevel(Alpha, Sigma)));

    private sealed class Program(SamplingPlan plan) : RowProgram
    {
        public override Tensor Run(RowBatch batch) => batch.Run(plan, batch.Inputs[0]);
    }
}
