using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Trains a network to denoise a column of vectors or pictures, with or without conditions (Ho et al. 2020, arXiv:2006.11239,
/// Algorithm 1, for any noise schedule and parameterization; Karras et al. 2022, arXiv:2206.00364, by default).
/// </summary>
/// <remarks>
/// <para>
/// The data must have passed a noise schedule (<c>d.Transforms.NoiseSchedule</c>): from it come the forward process and the way to model
/// space. The clean column is read once; noise is drawn anew in each step. One step: rows x0, times t, noise ε; <c>x = α·x0 + σ·ε</c>; the squared
/// error of the network's answer; the gradient, shortened where too long; AdamW; a moving average of the weights, which the model keeps.
/// </para>
/// <para>With a seed and a budget of steps or epochs, training on the same CPU gives the same weights to the last bit. Thread safe.</para>
/// </remarks>
public sealed partial class DenoiserTrainer : Trainer<DenoiserTransformer>
{
    private readonly Options _options;

    internal DenoiserTrainer(IHostEnvironment environment, string columnName, IReadOnlyList<string> conditionColumns, Options? options)
        : base(environment, nameof(DenoiserTrainer), columnName, conditionColumns, options ?? new Options())
    {
        _options = OptionsAs<Options>();
        RequireConditions(nameof(Options.ConditionDropouts), _options.ConditionDropouts?.Keys);
        RequireConditions(nameof(Options.SequenceColumns), _options.SequenceColumns);
    }

    private void RequireConditions(string option, IEnumerable<string>? names)
    {
        if (names?.FirstOrDefault(name => !ConditionColumns.Contains(name)) is { } other)
            throw new ArgumentException($"{option} names '{other}', which is no condition column; the condition columns are: {string.Join(", ", ConditionColumns.Select(name => $"'{name}'").DefaultIfEmpty("none"))}.", option);
    }

    private protected override SchemaShape.Column[] OutputShapes(SchemaShape inputSchema)
    {
        bool hasSlots = SlotNames.AreIn(inputSchema, Column);
        return [DenoiserHandle.ShapeOf(_options.DenoiserColumnName, hasSlots), Shapes.Vector(_options.DenoisedColumnName, SlotNames.Shape(hasSlots))];
    }

    private protected override TrainingPlan<DenoiserTransformer> Prepare(IDataView input, ForwardProcessInfo info, IChannel channel)
    {
        var layout = ConditionPacker.LayoutOf(input, ConditionColumns, info.Shape, _options.SequenceColumns, _options.CancellationToken);
        foreach (var picture in layout.Slots.OfType<PictureCondition>())
            channel.Info(MessageSensitivity.None, "{0}", FormattableString.Invariant($"Condition column '{picture.Name}' is taken for pictures {picture.Source}{(picture.Source.Equals(picture.Shape) ? "" : $", resized to {picture.Shape},")} with values from {picture.Minimum} to {picture.Maximum}. Sequences [1, tokens, width] need the option {nameof(Options.SequenceColumns)}."));
        if (_options.Augmentation is not null)
            layout = layout.Append(new AugmentationCondition(PictureAugmentation.LabelSize));
        var task = TaskResolver.Resolve(Environment, _options, info, layout, channel);
        var columns = new DenoiserColumns(Column, info.NoisedColumn, info.LevelColumn, ConditionColumns, _options.DenoiserColumnName, _options.DenoisedColumnName) { ConditionSources = KeySources.Of(input, ConditionColumns) };
        var spec = new DenoiserSpec(task.Network, task.Parameterization, info.Process, info.Codec, info.Shape, info.DataScale, task.Layout, task.LevelInput,
            ConditionColumns.Count == 0 ? null : new ConditionDropout(_options.ConditionDropout, _options.ConditionDropouts), info.SlotNames);
        var ancestors = ViewSources.Schemas(input);
        return new(task, precision => new DenoisingLearner(task with { Precision = precision }, _options), Model)
        {
            GoesOn = _options.StartFrom is not null,
            Sheets = _options.Samples is { } samples
                ? (learner, rows) => new SampleSheets(samples, (DenoisingTask)learner.Task, ((DenoisingLearner)learner).Denoiser, info.Codec, new DiffusionCatalog(Environment).Images, rows)
                : null,
        };

        DenoiserTransformer Model(IReadOnlyList<FlatParameters> members) => new(Environment, DenoiserModelLoader.Load(spec, members), columns, ancestors, _options.UnknownValues);
    }
}
