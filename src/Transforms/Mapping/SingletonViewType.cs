using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// The type of an annotation that carries an object of this library through a pipeline. Only annotations: ML.NET drops columns of foreign
/// types from caches and files, annotations of them it keeps.
/// </summary>
/// <typeparam name="T">The type of the object.</typeparam>
internal sealed class SingletonViewType<T> : StructuredDataViewType
    where T : class
{
    private SingletonViewType()
        : base(typeof(T))
    {
    }

    public static SingletonViewType<T> Instance { get; } = new();

    /// <summary>Adds the annotation.</summary>
    public static void Add(DataViewSchema.Annotations.Builder annotations, string kind, T value)
        => annotations.Add(kind, Instance, (ValueGetter<T>)((ref T destination) => destination = value));

    /// <summary>The annotation of a column; null where it has none.</summary>
    public static T? Find(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is not { } annotation || !Instance.Equals(annotation.Type))
            return null;
        T? value = null;
        column.Annotations.GetValue(kind, ref value);
        return value;
    }

    public override bool Equals(DataViewType? other) => other is SingletonViewType<T>;

    public override int GetHashCode() => typeof(T).GetHashCode();

    public override string ToString() => typeof(T).Name;
}
