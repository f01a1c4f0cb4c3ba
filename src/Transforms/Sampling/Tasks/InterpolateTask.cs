using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Makes what lies between two rows of data, by way of their latents.</summary>
/// <param name="FirstColumn">The column of weight 0.</param>
/// <param name="SecondColumn">The column of weight 1.</param>
/// <param name="WeightColumn">The column of weights.</param>
/// <param name="Refinements">How often each step of the inversion is refined.</param>
/// <param name="Linear">Whether latents are joined by the straight line.</param>
/// <param name="Strength">The share of steps of a run through noise; null for inversion.</param>
internal sealed record InterpolateTask(string FirstColumn, string SecondColumn, string WeightColumn, int Refinements, bool Linear, double? Strength) : SamplingTask
{
    public override IReadOnlyList<RowInput> Inputs => [new DataInput(FirstColumn), new DataInput(SecondColumn), new WeightInput(WeightColumn)];

    public override void Check(SamplingSettings settings)
    {
        if (Strength is null)
            new InvertTask(FirstColumn, Refinements).Check(settings);
        else
            SamplingSettings.Check(Strength is > 0 and <= 1 && ImageToImage.StepsOf(settings.Steps, Strength.Value) >= 1, nameof(Strength), Strength,
                $"in (0, 1], and leave at least one of the {settings.Steps} steps, or null for inversion");
        base.Check(settings);
    }

    public override RowProgram Prepare(SamplingSettings settings, NoiseSchedule schedule)
    {
        var solver = SolverOf(settings);
        var grid = settings.Grid(schedule);
        return Strength is { } strength
            ? new ThroughNoise(NoisedInterpolation.Plan(solver, ImageToImage.Rest(grid, strength)!))
            : new ThroughLatents(Inversion.Plan(solver, grid, Refinements), solver.Plan(grid), Linear);
    }

    private sealed class ThroughLatents(SamplingPlan inversion, SamplingPlan plan, bool linear) : RowProgram
    {
        public override Tensor Run(RowBatch batch)
        {
            using var first = batch.Run(inversion, batch.Inputs[0]);
            using var second = batch.Run(inversion, batch.Inputs[1]);
            using var between = linear ? LatentPath.Line(first, second, batch.Inputs[2]) : LatentPath.Slerp(first, second, batch.Inputs[2]);
            return batch.Run(plan, between);
        }
    }

    private sealed class ThroughNoise(SamplingPlan plan) : RowProgram
    {
        public override Tensor Run(RowBatch batch)
        {
            using var none = zeros_like(batch.Like);
            using var all = ones_like(batch.Like);
            using var weights = LatentPath.Line(none, all, batch.Inputs[2]);
            return batch.RunFromNoise(plan, batch.Inputs[0], batch.Inputs[1], weights);
        }
    }
}
