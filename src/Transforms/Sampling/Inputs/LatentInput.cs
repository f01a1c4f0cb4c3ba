namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Latents: in model space already.</summary>
internal sealed record LatentInput(string Column) : RowInput(Column)
{
    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var reader = new VectorReader(row, column);
        return new BoundInput(spec.Shape.Size, values => RequireFinite(row, reader, values), _ => { });
    }
}
