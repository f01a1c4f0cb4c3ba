using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Numbers as they are: a Single, or a vector of them. NaN in any place makes all of a row's missing.</summary>
internal sealed record NumbersInput(string Column, int Size) : RowInput(Column)
{
    private string Expected => Size == 1 ? "a Single" : $"a vector of {Size} Singles";

    public override void Check(SchemaShape shape) => CheckAny(shape, Column, Expected, Size == 1);

    /// <summary>Checks a column of a schema shape whose size is not known yet.</summary>
    public static void CheckAny(SchemaShape shape, string name, string expected, bool mayBeScalar)
    {
        var column = SchemaErrors.Find(shape, name);
        bool fits = !column.IsKey && column.ItemType.Equals(NumberDataViewType.Single)
            && (column.Kind == SchemaShape.Column.VectorKind.Vector || (mayBeScalar && column.Kind == SchemaShape.Column.VectorKind.Scalar));
        if (!fits)
            throw SchemaErrors.Mismatch(name, expected, column);
    }

    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape)
    {
        var column = SchemaErrors.Find(schema, Column);
        bool fits = column.Type is VectorDataViewType vector
            ? vector.Size == Size && vector.ItemType.Equals(NumberDataViewType.Single)
            : Size == 1 && column.Type.Equals(NumberDataViewType.Single);
        return fits ? column : throw SchemaErrors.Mismatch(Column, Expected, column.Type);
    }

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var read = SlotWriters.For(row, column, new VectorCondition(Column, Size), null);
        return new BoundInput(Size, values =>
        {
            read(values);
            for (int i = 0; i < values.Length; i++)
                if (float.IsInfinity(values[i]))
                    throw Invalid(row, $"value {i} is {values[i]}, expected a finite number, or NaN for none");
        }, _ => { });
    }
}
