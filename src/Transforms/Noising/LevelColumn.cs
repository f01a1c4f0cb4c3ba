using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The column that says how noisy a noised row is: a vector of Single with the places Time, Alpha and Sigma.</summary>
internal static class LevelColumn
{
    public const int Time = 0;
    public const int Alpha = 1;
    public const int Sigma = 2;

    private const string SlotNames = "SlotNames";

    private static readonly string[] s_names = ["Time", "Alpha", "Sigma"];

    public static int Size => s_names.Length;

    public static DataShape Shape { get; } = new(s_names.Length);

    public static DataViewSchema.DetachedColumn ToColumn(string name)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(SlotNames, new VectorDataViewType(TextDataViewType.Instance, Size), (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)GetNames);
        return new DataViewSchema.DetachedColumn(name, new VectorDataViewType(NumberDataViewType.Single, Size), annotations.ToAnnotations());
    }

    public static SchemaShape.Column ShapeOf(string name) => Shapes.Vector(name, Shapes.Vector(SlotNames, TextDataViewType.Instance));

    private static void GetNames(ref VBuffer<ReadOnlyMemory<char>> names)
        => names = new VBuffer<ReadOnlyMemory<char>>(Size, [.. s_names.Select(slot => slot.AsMemory())]);
}
