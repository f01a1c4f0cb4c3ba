using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Samples, from noise or from latents.</summary>
/// <param name="LatentColumn">The column of latents; null for noise.</param>
internal sealed record SampleTask(string? LatentColumn) : SamplingTask
{
    public override IReadOnlyList<RowInput> Inputs => LatentColumn is null ? [] : [new LatentInput(LatentColumn)];

    // Any sampler will do.
    public override void Check(SamplingSettings settings)
        => SamplingSettings.Check(LatentColumn is not "", nameof(LatentColumn), LatentColumn, "a column name, or null for none");

    public override RowProgram Prepare(SamplingSettings settings, NoiseSchedule schedule) => new Program(settings.Solver.Prepare(settings.Grid(schedule)), LatentColumn is not null);

    private sealed class Program(ISamplingProgram program, bool fromLatents) : RowProgram
    {
        public override Tensor Run(RowBatch batch)
        {
            using var start = fromLatents ? batch.Inputs[0].Times(program.Grid.PriorScale) : PlanRunner.DrawStart(program.Grid, batch.Noise, batch.Like);
            return batch.Run(program, start);
        }
    }
}
