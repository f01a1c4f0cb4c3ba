using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Varies data: noises it to a level and samples from there.</summary>
/// <param name="DataColumn">The column of data.</param>
/// <param name="Strength">The share of steps that is done.</param>
/// <param name="Ratio">The noise ratio from which they are done instead; null for the strength's.</param>
internal sealed record ImageToImageTask(string DataColumn, double Strength, double? Ratio) : SamplingTask
{
    public override IReadOnlyList<RowInput> Inputs => [new DataInput(DataColumn)];

    public override void Check(SamplingSettings settings)
    {
        SamplingSettings.Check(Strength is >= 0 and <= 1, nameof(Strength), Strength, "in [0, 1]");
        SamplingSettings.Check(Ratio is null or > 0 and < double.PositiveInfinity, nameof(ImageToImageOptions.Level), Ratio, "of a positive, finite noise ratio σ/α");
        base.Check(settings);
    }

    public override RowProgram Prepare(SamplingSettings settings, NoiseSchedule schedule)
    {
        var solver = SolverOf(settings);
        var grid = settings.Grid(schedule);
        if (Ratio is { } ratio)
            return new Varied(ImageToImage.Plan(solver, grid.From(NoiseLevel.FromRatio(ratio))));
        // As diffusers' inpainting pipelines: at full strength nothing of the source remains, where the noisiest level alone would let a trace of it through.
        if (Strength == 1)
            return new SampleTask(null).Prepare(settings, schedule);
        return ImageToImage.Rest(grid, Strength) is { } rest ? new Varied(ImageToImage.Plan(solver, rest)) : new Unchanged();
    }

    private sealed class Varied(SamplingPlan plan) : RowProgram
    {
        public override Tensor Run(RowBatch batch) => batch.RunFromNoise(plan, batch.Inputs[0]);
    }

    private sealed class Unchanged : RowProgram
    {
        public override Tensor Run(RowBatch batch) => batch.Inputs[0].clone();

        // To the bit, which the way to model space and back is not.
        public override void Finish(Span<float> result, IDataCodec codec, IReadOnlyList<InputRows> inputs, int place) => inputs[0][place].CopyTo(result);
    }
}
