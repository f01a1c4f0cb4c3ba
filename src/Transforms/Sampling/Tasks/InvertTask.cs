using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Finds the latents from which a solver makes given data.</summary>
/// <param name="DataColumn">The column of data.</param>
/// <param name="Refinements">How often each step's search is repeated.</param>
internal sealed record InvertTask(string DataColumn, int Refinements) : SamplingTask
{
    public override IReadOnlyList<RowInput> Inputs => [new DataInput(DataColumn)];

    public override void Check(SamplingSettings settings)
    {
        SamplingSettings.Check(Refinements is >= 0 and <= 1000, nameof(Refinements), Refinements, "a number in [0, 1000]");
        // On a grid of any schedule: noise and memory belong to the solver.
        Inversion.Plan(SolverOf(settings), KnownSpacings.Karras.Grid(KnownSchedules.Edm, Math.Max(3, Math.Min(settings.Steps, 20))), 0);
    }

    public override RowProgram Prepare(SamplingSettings settings, NoiseSchedule schedule)
        => new Program(Inversion.Plan(SolverOf(settings), settings.Grid(schedule), Refinements));

    private sealed class Program(SamplingPlan plan) : RowProgram
    {
        public override Tensor Run(RowBatch batch)
        {
            using var noise = batch.Run(plan, batch.Inputs[0]);
            return noise.Times(1 / plan.Grid.PriorScale);
        }

        // Latents stay in model space.
        public override void Finish(Span<float> result, IDataCodec codec, IReadOnlyList<InputRows> inputs, int place)
        {
        }
    }
}
