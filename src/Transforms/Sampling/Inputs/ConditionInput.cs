namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A value of a condition: of the type that a model's condition column has, and packed like it.</summary>
internal sealed record ConditionInput(string Column, ConditionSlot Condition) : RowInput(Column)
{
    public override void Check(SchemaShape shape) => ConditionPacker.Check(shape, [Column]);

    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape)
    {
        _ = Packer(schema);
        return schema[Column];
    }

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
        => new(Condition.Width, Packer(row.Schema).Bind(row), _ => { });

    private ConditionPacker Packer(DataViewSchema schema) => new(schema, [Column], new ConditionLayout([Condition]));
}
