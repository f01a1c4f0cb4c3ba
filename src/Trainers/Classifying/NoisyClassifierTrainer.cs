using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Trains a classifier of noisy data, p(y | x_t) at every noise level (Dhariwal and Nichol 2021, arXiv:2105.05233, section 4): what classifier guidance asks.
/// </summary>
/// <remarks>
/// The data must have passed a noise schedule, that of the denoiser to be guided. One step: rows x0, times t, noise ε; <c>x = α·x0 + σ·ε</c>; the cross entropy of the network's answer and
/// the label. Rows without a label are left out. The accuracy by noise level is reported with validation data (<see cref="TrainingProgress.ValidationScores"/>), and written to the log at the end.
/// Thread safe.
/// </remarks>
public sealed partial class NoisyClassifierTrainer : Trainer<ClassifierTransformer>
{
    private readonly Options _options;
    private readonly string _label;

    internal NoisyClassifierTrainer(IHostEnvironment environment, string columnName, string labelColumn, Options? options)
        : base(environment, nameof(NoisyClassifierTrainer), columnName, [labelColumn], options ?? new Options())
    {
        _options = OptionsAs<Options>();
        _label = labelColumn;
    }

    private protected override void CheckConditions(SchemaShape shape, IReadOnlyList<string> columns)
    {
        var column = SchemaErrors.Find(shape, _label);
        if (!column.IsKey || column.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw NoKey(Shapes.TypeName(column));
    }

    private protected override SchemaShape.Column[] OutputShapes(SchemaShape inputSchema) => ClassifierShapes.Of(SchemaErrors.Find(inputSchema, _label), _options.PredictedLabelColumnName, _options.ScoreColumnName);

    private protected override TrainingPlan<ClassifierTransformer> Prepare(IDataView input, ForwardProcessInfo info, IChannel channel)
    {
        var column = SchemaErrors.Find(input.Schema, _label);
        if (column.Type is not KeyDataViewType)
            throw NoKey($"{column.Type}");
        var layout = ConditionPacker.LayoutOf(input.Schema, [_label]);
        var condition = (ClassCondition)layout.Slots[0];
        int classes = condition.Count;
        var labels = condition.Values;
        if (classes < 2)
            throw SchemaErrors.Unusable(labels is null
                ? $"Column '{_label}' has a single key, which stands for no value, as those of MapValueToKey do where all of the rows that it was fitted on are blank; a classifier tells at least two classes apart. Give rows labels."
                : $"Column '{_label}' has keys of one value alone, {labels}; a classifier tells at least two classes apart.");
        var network = _options.Network ?? NetworkResolver.Default(info.Shape, classes);
        NetworkResolver.Check(network, info.Shape, classes, "classes", nameof(Options.Network));
        TaskResolver.CheckFlips(_options, info.Shape);
        var device = TaskResolver.ResolveDevice(Environment, _options, channel);
        var task = new ClassifyingTask(network, _options.LevelInput ?? network.DefaultLevelInput(info.Process.Schedule), info.DataScale, info.Shape, layout, info.Process, device,
            TaskResolver.PrecisionOf(_options.Precision, network, device), TaskResolver.SeedOf(Environment, _options));
        var columns = new ClassifierColumns(Column, info.NoisedColumn, info.LevelColumn, _label, _options.PredictedLabelColumnName, _options.ScoreColumnName);
        return new(task, precision => new ClassifyingLearner(task with { Precision = precision }, _options), Model)
        {
            NeedsConditions = true,
            Check = rows => CheckClasses(new ClassRows(condition, 0, rows)),
        };

        ClassifierTransformer Model(IReadOnlyList<FlatParameters> members)
            => new(Environment, new ClassifierConfig(new NoisyClassifier(task.Bind(members[0]), labels), new NoisyDataSpec(info.Process, info.Codec, info.Shape), columns));
    }

    // A class that no row has would be guessed at random, and guidance towards it would lead nowhere.
    private void CheckClasses(ClassRows rows)
    {
        if (rows.Only is { } only)
            throw new InvalidOperationException($"All rows of the training data have the label {rows.Name(only)} in column '{_label}'; a classifier tells at least two classes apart.");
        if (rows.Absent.Count > 0)
            throw new InvalidOperationException($"No row of the training data has the label{(rows.Absent.Count > 1 ? "s" : "")} {rows.AbsentNames} that column '{_label}' has keys for. Map values to keys on the data that is trained on (ml.Transforms.Conversion.MapValueToKey).");
    }

    private ArgumentOutOfRangeException NoKey(string got) => SchemaErrors.Mismatch(_label, "a key", got, $"Use ml.Transforms.Conversion.MapValueToKey(\"{_label}\").");
}
