using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The columns that a classifier adds: the likeliest label and the probabilities of all, computed together.</summary>
internal sealed class ClassifierMap : RowMap
{
    public const int PredictedLabelOutput = 0;
    public const int ScoreOutput = 1;

    private readonly ClassifierConfig _config;
    private readonly Device _device;
    private readonly NoisySource _source;
    private readonly RowAgreement _agreement;

    public ClassifierMap(ClassifierConfig config, Device device, NoisySource source, RowAgreement agreement)
    {
        (_config, _device, _source, _agreement) = (config, device, source, agreement);
        int classes = config.Classifier.Classes;
        var labels = new DataViewSchema.Annotations.Builder();
        var slots = new DataViewSchema.Annotations.Builder();
        config.Classifier.Labels?.AddKeyValues(labels);
        config.Classifier.Labels?.AddSlotNames(slots);
        Outputs =
        [
            new DataViewSchema.DetachedColumn(config.Columns.PredictedLabel, new KeyDataViewType(typeof(uint), classes), labels.ToAnnotations()),
            new DataViewSchema.DetachedColumn(config.Columns.Score, new VectorDataViewType(NumberDataViewType.Single, classes), slots.ToAnnotations()),
        ];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int BatchSize => 64;

    public override int? PassOf(int output) => 0;

    public override IEnumerable<int> InputsOf(int output) => _source.Inputs;

    public override Delegate MakeGetter(DataViewRow input, int output) => throw new InvalidOperationException("Rows are classified in batches.");

    public override BatchRun StartBatches(DataViewRow input, int size)
        => new ClassifyingRun(_config.Classifier, _device, _source.Bind(input, _config.Spec, size), size, _agreement);
}
