using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A denoiser on its way through a pipeline: an annotation of the denoiser column, whose values are the packed conditions of each
/// row. Guidance replaces it by a guided one; the sampler asks it.
/// </summary>
/// <remarks>Immutable and thread safe. Does not own the network: its transformer does.</remarks>
/// <param name="Denoiser">The denoiser, guided or not.</param>
/// <param name="Layout">What the numbers of the denoiser column are.</param>
/// <param name="Spec">What was trained.</param>
/// <param name="Model">The model that the denoiser asks.</param>
public sealed record DenoiserHandle(IDenoiser Denoiser, ConditionLayout Layout, DenoiserSpec Spec, DenoiserModel Model)
{
    /// <summary>How often a sampler is to take each of its steps (<see cref="RecurrentSolver"/>), as the guidance of the denoiser wants it; 1 where none does.</summary>
    public int Recurrence { get; init; } = 1;

    /// <summary>What becomes of values of conditions that the model does not know, of those that guide it too.</summary>
    public UnknownValues UnknownValues { get; init; }

    internal const string AnnotationKind = "DiffusionDenoiser";

    /// <summary>The annotation with the slot names that samples will have: shapes hold no values, but say whether there are any.</summary>
    internal const string SampleSlotsKind = "DiffusionSampleSlots";

    private const string Hint = "Append a trained denoiser before it: d.Trainers.Denoiser(...).";

    /// <summary>The device on which the denoiser computes.</summary>
    public Device Device => Model.Device;

    /// <summary>The handle that a denoiser column carries.</summary>
    /// <param name="schema">A schema behind a denoiser.</param>
    /// <param name="column">The name of the denoiser column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or carries no denoiser.</exception>
    public static DenoiserHandle Get(DataViewSchema schema, string column)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var found = SchemaErrors.Find(schema, column, Hint);
        return SingletonViewType<DenoiserHandle>.Find(found, AnnotationKind)
            ?? throw SchemaErrors.Mismatch(column, "a column that carries a denoiser", found.Type.ToString()!, Hint);
    }

    internal static void Check(SchemaShape shape, string column)
    {
        var found = SchemaErrors.Find(shape, column, Hint);
        if (!Shapes.HasAnnotation(found, AnnotationKind))
            throw SchemaErrors.Mismatch(column, "a column that carries a denoiser", Shapes.TypeName(found), Hint);
    }

    /// <summary>The column that carries this handle.</summary>
    internal DataViewSchema.DetachedColumn ToColumn(string name)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        SingletonViewType<DenoiserHandle>.Add(annotations, AnnotationKind, this);
        SlotNames.Add(annotations, Spec.SlotNames, SampleSlotsKind);
        return new DataViewSchema.DetachedColumn(name, new VectorDataViewType(NumberDataViewType.Single, ColumnWidth(Layout)), annotations.ToAnnotations());
    }

    /// <summary>The shape of the column that carries a handle.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="hasSlots">Whether the data column has slot names.</param>
    internal static SchemaShape.Column ShapeOf(string name, bool hasSlots = false)
        => Shapes.Vector(name, [Shapes.Scalar(AnnotationKind, SingletonViewType<DenoiserHandle>.Instance), .. SlotNames.Shape(hasSlots, SampleSlotsKind)]);

    /// <summary>Whether samples of the denoiser in a column of a shape will have slot names.</summary>
    internal static bool HasSlots(SchemaShape shape, string column) => SlotNames.AreIn(shape, column, SampleSlotsKind);

    /// <summary>The length of the column's vectors: ML.NET has no vectors of length 0.</summary>
    internal static int ColumnWidth(ConditionLayout layout) => Math.Max(1, layout.Width);
}
