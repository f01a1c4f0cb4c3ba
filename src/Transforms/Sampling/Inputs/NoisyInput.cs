namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Noisy data in the units of the model's data: beyond the range of clean data too.</summary>
internal sealed record NoisyInput(string Column) : RowInput(Column)
{
    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var reader = new VectorReader(row, column);
        return new BoundInput(spec.Shape.Size, values => RequireFinite(row, reader, values), spec.Codec.Encode);
    }
}
