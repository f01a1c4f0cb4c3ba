using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Makes the schema shapes by which estimators promise what their transformers deliver.</summary>
internal static class Shapes
{
    /// <summary>The shape of a schema.</summary>
    public static SchemaShape Of(DataViewSchema schema) => SchemaShape.Create(schema);

    /// <summary>A known-size vector of Single.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="annotations">Its annotations.</param>
    public static SchemaShape.Column Vector(string name, params SchemaShape.Column[] annotations)
        => Vector(name, NumberDataViewType.Single, annotations);

    /// <summary>A known-size vector.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="itemType">The type of its values.</param>
    /// <param name="annotations">Its annotations.</param>
    public static SchemaShape.Column Vector(string name, DataViewType itemType, params SchemaShape.Column[] annotations)
        => new(name, SchemaShape.Column.VectorKind.Vector, itemType, false, new SchemaShape(annotations));

    /// <summary>A known-size vector of keys.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="annotations">Its annotations.</param>
    public static SchemaShape.Column KeyVector(string name, params SchemaShape.Column[] annotations)
        => new(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.UInt32, true, new SchemaShape(annotations));

    /// <summary>A scalar.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="type">Its type.</param>
    public static SchemaShape.Column Scalar(string name, DataViewType type)
        => new(name, SchemaShape.Column.VectorKind.Scalar, type, false);

    /// <summary>A key.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="annotations">Its annotations.</param>
    public static SchemaShape.Column Key(string name, params SchemaShape.Column[] annotations)
        => new(name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, new SchemaShape(annotations));

    /// <summary>A shape with further columns, which hide those of the same name.</summary>
    /// <param name="shape">The shape before.</param>
    /// <param name="columns">The columns to add.</param>
    public static SchemaShape With(SchemaShape shape, params SchemaShape.Column[] columns)
    {
        var byName = shape.ToDictionary(column => column.Name);
        foreach (var column in columns)
            byName[column.Name] = column;
        return new SchemaShape(byName.Values);
    }

    /// <summary>Whether a column of a shape has an annotation.</summary>
    public static bool HasAnnotation(SchemaShape.Column column, string kind) => column.Annotations.TryFindColumn(kind, out _);

    /// <summary>Whether a column can stand in for another: same name and type, and at least its annotations.</summary>
    public static bool IsCompatible(SchemaShape.Column required, SchemaShape.Column given) => required.IsCompatibleWith(given);

    /// <summary>The type of a column in words.</summary>
    public static string TypeName(SchemaShape.Column column) => column.GetTypeString();
}
