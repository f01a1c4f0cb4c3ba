namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A value of a condition: of the type that a model's condition column has, and packed like it.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="Condition">The condition.</param>
/// <param name="Unknown">What becomes of values that the model does not know.</param>
/// <param name="Source">The column that keys were mapped from; null where that is not known.</param>
internal sealed record ConditionInput(string Column, ConditionSlot Condition, UnknownValueRule Unknown, KeySource? Source) : RowInput(Column)
{
    public override void Check(SchemaShape shape) => ConditionPacker.Check(shape, [Column]);

    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape)
    {
        _ = Packer(schema);
        return schema[Column];
    }

    public override IEnumerable<int> InputsOf(DataViewSchema schema) => Packer(schema).Inputs;

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
        => new(Condition.Width, Packer(row.Schema).Bind(row), _ => { });

    private ConditionPacker Packer(DataViewSchema schema) => new(schema, [Column], new ConditionLayout([Condition]), Unknown, [Source ?? KeySource.HiddenByKeys(Column)]);
}
