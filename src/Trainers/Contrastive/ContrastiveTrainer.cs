using System.Runtime.InteropServices;
using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Trains a pair of encoders, of data and of its conditions, so that a sample lies close to its own conditions and far from those of others: CLIP (Radford et al. 2021, arXiv:2103.00020) for classes,
/// vectors, sequences and texts, on noisy data of every level unless told otherwise.
/// </summary>
/// <remarks>
/// One step: a batch of rows, each at its own level; the vectors of both sides; the symmetric contrastive loss (<see cref="ContrastiveLoss"/>) with a learned factor. Rows without conditions are left out. How
/// many rows find their own conditions in a batch, and conditions their own rows, is reported with validation data (<see cref="TrainingProgress.ValidationScores"/>), and written to the log at the
/// end. Thread safe.
/// </remarks>
public sealed partial class ContrastiveTrainer : Trainer<ContrastiveTransformer>
{
    private readonly Options _options;

    internal ContrastiveTrainer(IHostEnvironment environment, string columnName, IReadOnlyList<string> conditionColumns, Options? options)
        : base(environment, nameof(ContrastiveTrainer), columnName, conditionColumns, options ?? new Options())
    {
        if (conditionColumns.Count == 0)
            throw new ArgumentException("Contrast needs at least one condition column, got none.", nameof(conditionColumns));
        _options = OptionsAs<Options>();
    }

    private protected override SchemaShape.Column[] OutputShapes(SchemaShape inputSchema)
        => [Shapes.Vector(_options.DataEmbeddingColumnName), Shapes.Vector(_options.ConditionEmbeddingColumnName)];

    private protected override TrainingPlan<ContrastiveTransformer> Prepare(IDataView input, ForwardProcessInfo info, IChannel channel)
    {
        var layout = ConditionPacker.LayoutOf(input.Schema, ConditionColumns);
        if (layout.Slots.FirstOrDefault(slot => slot is PictureCondition) is { } picture)
            throw SchemaErrors.Unusable($"Column '{picture.Name}' holds pictures, which the encoder of conditions does not take: name keys, numbers, vectors or tokens.");
        int size = _options.EmbeddingSize;
        var data = _options.DataEncoder ?? NetworkResolver.Default(info.Shape, size);
        var condition = _options.ConditionEncoder ?? new ConditionEncoder(size);
        NetworkResolver.Check(data, info.Shape, size, "numbers of an embedding", nameof(Options.DataEncoder));
        NetworkResolver.Check(condition, TrainedConditionEncoder.NoSample, size, "numbers of an embedding", nameof(Options.ConditionEncoder));
        TaskResolver.CheckFlips(_options, info.Shape);
        var device = TaskResolver.ResolveDevice(Environment, _options, channel);
        var precision = TaskResolver.PrecisionOf(_options.Precision, condition.NeedsFloat32 ? condition : data, device);
        var task = new ContrastiveTask(data, condition, _options.LevelInput ?? data.DefaultLevelInput(info.Process.Schedule), info.DataScale, info.Shape, layout, info.Process, device, precision,
            TaskResolver.SeedOf(Environment, _options));
        var columns = new ContrastiveColumns(Column, info.NoisedColumn, info.LevelColumn, ConditionColumns, _options.DataEmbeddingColumnName, _options.ConditionEmbeddingColumnName) { ConditionSources = KeySources.Of(input, ConditionColumns) };
        return new(task, precision => new ContrastiveLearner(task with { Precision = precision }, _options, _options.NoisedInputs ? _options.Levels : new CleanLevels()), Model) { NeedsConditions = true, Check = CheckContrast };

        ContrastiveTransformer Model(IReadOnlyList<FlatParameters> members)
        {
            using var weights = members[0];
            return new(Environment, new ContrastiveConfig(task.DataEncoder(weights, isCopy: true), task.ConditionEncoder(weights, isCopy: true), task.Scale(weights), new NoisyDataSpec(info.Process, info.Codec, info.Shape), columns, _options.UnknownValues));
        }
    }

    private void CheckContrast(SampleBuffer rows)
    {
        for (long row = 1; row < rows.Count; row++)
            if (!MemoryMarshal.AsBytes(rows.Conditions(row)).SequenceEqual(MemoryMarshal.AsBytes(rows.Conditions(0))))
                return;
        throw new InvalidOperationException(rows.Count == 1
            ? "The training data has a single row: there is nothing to contrast."
            : $"All {rows.Count} rows of the training data have the same value in column{(ConditionColumns.Count > 1 ? "s" : "")} {string.Join(", ", ConditionColumns.Select(name => $"'{name}'"))}: there is nothing to contrast.");
    }
}
