namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The pictures of a column of latents.</summary>
internal sealed class LatentDecoderMap(LatentDecoderTransformer decoder, DataViewSchema.Column latents, RowAgreement agreement) : RowMap
{
    // Decoding takes memory in proportion to the pixels: some 16 pictures of 128 by 128.
    private const int MostRows = 16, MostPixels = 1 << 18;

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; } =
        [new DataViewSchema.DetachedColumn(decoder.OutputColumn, DataColumn.TypeOf(decoder.Model.Shape))];

    public override int? BatchedOutput => 0;

    public override int BatchSize => Math.Clamp(MostPixels / (decoder.Model.Shape.Dimensions[1] * decoder.Model.Shape.Dimensions[2]), 1, MostRows);

    public override IEnumerable<int> InputsOf(int output) => [latents.Index];

    public override Delegate MakeGetter(DataViewRow input, int output) => throw new InvalidOperationException("Pictures are decoded in batches.");

    public override BatchRun StartBatches(DataViewRow input, int size) => new LatentDecoderRun(decoder, new VectorReader(input, latents), size, agreement);
}
