namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Data as the model was trained on it: of its shape, in its units.</summary>
internal sealed record DataInput(string Column) : RowInput(Column)
{
    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var reader = new VectorReader(row, column);
        return new BoundInput(spec.Shape.Size, values =>
        {
            reader.Read(values);
            if (IsMissing(values, values.Length))
                return;
            if (spec.Codec.FindInvalid(values) is { } problem)
                throw Invalid(row, problem);
        }, spec.Codec.Encode);
    }
}
