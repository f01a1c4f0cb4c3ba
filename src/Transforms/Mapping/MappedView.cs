using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

#pragma warning disable RS0030 // System.Random is part of IDataView's signature; it is passed on, never drawn from.
namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Data with a transformer's columns added; only what is asked for is computed, when it is read.</summary>
/// <remarks>
/// A transform to ML.NET as well: its export to ONNX walks back over those, and takes all else for the data of a model, which would become an empty file.
/// </remarks>
internal sealed class MappedView(BoundMap bound, IDataView source, string transformer) : IDerivedView, IDataTransform, ITransformCanSaveOnnx
{
    public IDataView Source => source;

    public DataViewSchema Schema => bound.OutputSchema;

    // A batched column needs two equal passes over its source.
    public bool CanShuffle => !Outputs.Any(IsBatched) && source.CanShuffle;

    // Whatever answers "no" here is left out of the file with a warning, and the rest is written.
    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw NoOnnx();

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw NoOnnx();

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException($"Data that {transformer} made is not saved as a transform: save the transformer itself by ml.Model.Save.");

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bound.Lifetime.ThrowIfEnded();
        var active = bound.ActiveColumns(columnsNeeded);
        return IsBatched(active) ? Batched(active) : new MappedCursor(bound, source.GetRowCursor(bound.InputsFor(active, true, _ => true), CanShuffle ? rand : null), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bound.Lifetime.ThrowIfEnded();
        var active = bound.ActiveColumns(columnsNeeded);
        if (IsBatched(active))
            return [Batched(active)];
        var inputs = source.GetRowCursorSet(bound.InputsFor(active, true, _ => true), n, CanShuffle ? rand : null);
        return [.. inputs.Select(input => new MappedCursor(bound, input, active))];
    }

    private NotSupportedException NoOnnx()
        => new($"{transformer} of Microsoft.ML.Diffusion can not be exported to ONNX yet. Save the model by ml.Model.Save, or its weights by SaveWeights or SaveDiffusers of ml.Diffusion().");

    private IEnumerable<int> Outputs => Enumerable.Range(0, bound.Map.Outputs.Count);

    private bool IsBatched(int output) => bound.Map.PassOf(output) is not null;

    private bool IsBatched(bool[] active) => Outputs.Any(output => active[bound.InputSchema.Count + output] && IsBatched(output));

    private BatchedCursor Batched(bool[] active)
    {
        var main = source.GetRowCursor(bound.InputsFor(active, passThrough: true, output => !IsBatched(output)));
        DataViewRowCursor? ahead = null;
        try
        {
            ahead = source.GetRowCursor(bound.InputsFor(active, passThrough: false, IsBatched));
            return new BatchedCursor(bound, main, ahead, active);
        }
        catch
        {
            ahead?.Dispose();
            main.Dispose();
            throw;
        }
    }
}
