using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Fills the masked region of data.</summary>
/// <param name="DataColumn">The column of data.</param>
/// <param name="MaskColumn">The column of masks.</param>
/// <param name="Resampling">RePaint's jumps; null for none.</param>
internal sealed record InpaintTask(string DataColumn, string MaskColumn, Resampling? Resampling) : SamplingTask
{
    private const int Data = 0;
    private const int Mask = 1;

    public override IReadOnlyList<RowInput> Inputs => [new DataInput(DataColumn), new MaskInput(MaskColumn)];

    public override RowProgram Prepare(SamplingSettings settings, NoiseSchedule schedule)
        => new Program(Inpainting.Plan(SolverOf(settings), settings.Grid(schedule), Resampling));

    private sealed class Program(SamplingPlan plan) : RowProgram
    {
        public override Tensor Run(RowBatch batch) => batch.RunFromNoise(plan, batch.Inputs[Mask], batch.Inputs[Data]);

        // What is kept is kept to the bit, which the way to model space and back is not.
        public override void Finish(Span<float> result, IDataCodec codec, IReadOnlyList<InputRows> inputs, int place)
        {
            codec.DecodeSample(result);
            Span<float> data = inputs[Data][place], mask = inputs[Mask][place];
            for (int i = 0; i < result.Length; i++)
                if (mask[i] == 0)
                    result[i] = data[i];
        }
    }
}
