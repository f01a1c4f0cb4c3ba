using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>One weight a row, in [0, 1].</summary>
internal sealed record WeightInput(string Column) : RowInput(Column)
{
    private const string Expected = "a Single";

    public override void Check(SchemaShape shape)
    {
        var column = SchemaErrors.Find(shape, Column);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || !column.ItemType.Equals(NumberDataViewType.Single))
            throw SchemaErrors.Mismatch(Column, Expected, column);
    }

    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape)
    {
        var column = SchemaErrors.Find(schema, Column);
        return column.Type.Equals(NumberDataViewType.Single) ? column : throw SchemaErrors.Mismatch(Column, Expected, column.Type);
    }

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var getter = row.GetGetter<float>(column);
        return new BoundInput(1, values =>
        {
            getter(ref values[0]);
            if (!(values[0] is >= 0 and <= 1))
                throw Invalid(row, $"the weight is {values[0]}, expected a number in [0, 1]");
        }, _ => { });
    }
}
