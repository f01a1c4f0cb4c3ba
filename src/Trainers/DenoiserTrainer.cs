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
public sealed partial class DenoiserTrainer : IEstimator<DenoiserTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly Options _options;
    private readonly string _column;
    private readonly string[] _conditionColumns;

    internal DenoiserTrainer(IHostEnvironment environment, string columnName, IReadOnlyList<string> conditionColumns, Options? options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrWhiteSpace(columnName);
        ArgumentNullException.ThrowIfNull(conditionColumns);
        foreach (string condition in conditionColumns)
            ArgumentException.ThrowIfNullOrWhiteSpace(condition, nameof(conditionColumns));
        if (conditionColumns.Distinct().Count() != conditionColumns.Count)
            throw new ArgumentException($"A condition column is named twice: {string.Join(", ", conditionColumns)}.", nameof(conditionColumns));
        _options = (options ?? new Options()).Copy();
        _options.Validate();
        // Hosts that a context registers know neither its seed nor its GPU.
        _environment = environment;
        _host = environment.Register(nameof(DenoiserTrainer));
        _column = columnName;
        _conditionColumns = [.. conditionColumns];
    }

    /// <summary>Trains.</summary>
    /// <param name="input">The training data, behind a noise schedule for the column.</param>
    /// <returns>The trained denoiser, which the caller may dispose.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or no noise schedule was made for it.</exception>
    /// <exception cref="ArgumentException"><see cref="Options.StartFrom"/> holds no denoiser, or one of other parameters; names the first.</exception>
    /// <exception cref="InvalidOperationException">A value is not valid, the data is empty, the device is not there, or checkpoints are of another run.</exception>
    /// <exception cref="NotSupportedException">The device does not compute in the precision asked for.</exception>
    /// <exception cref="IOException">Checkpoints or metrics can not be written; the checkpoints that were are still there.</exception>
    /// <exception cref="TrainingDivergedException">The loss or its gradient stopped being finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the first step was done; later, the model trained so far is returned.</exception>
    public DenoiserTransformer Fit(IDataView input) => Train(input, null);

    /// <summary>Trains, and measures the loss on data that is not trained on, which <see cref="Options.Progress"/> reports.</summary>
    /// <param name="input">The training data, behind a noise schedule for the column.</param>
    /// <param name="validation">Data of the same columns; its first <see cref="Options.ValidationRows"/> rows are used, always with the same noise.</param>
    /// <inheritdoc cref="Fit(IDataView)" path="/returns"/>
    /// <inheritdoc cref="Fit(IDataView)" path="/exception"/>
    public DenoiserTransformer Fit(IDataView input, IDataView validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        return Train(input, validation);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        VectorReader.Check(inputSchema, _column);
        ConditionPacker.Check(inputSchema, _conditionColumns);
        if (!ForwardProcessInfo.IsIn(inputSchema))
            throw NoSchedule();
        return Shapes.With(inputSchema, DenoiserHandle.ShapeOf(_options.DenoiserColumnName), Shapes.Vector(_options.DenoisedColumnName));
    }

    private DenoiserTransformer Train(IDataView input, IDataView? validation)
    {
        ArgumentNullException.ThrowIfNull(input);
        var source = VectorReader.Check(input.Schema, _column);
        var info = ForwardProcessInfo.Find(input.Schema, _column) ?? throw NoSchedule();
        DataColumn.Check(input.Schema, source.Name, info.Shape);
        var layout = ConditionPacker.LayoutOf(input.Schema, _conditionColumns);
        if (_options.Augmentation is not null)
            layout = layout.Append(new AugmentationCondition(PictureAugmentation.LabelSize));
        using var channel = _host.Start("Train");
        if (validation is null && _options.NeedsValidation)
            throw new InvalidOperationException($"The options {nameof(Options.KeepBest)} and {nameof(Options.Patience)} need validation data: call Fit(input, validation).");
        var task = TaskResolver.Resolve(_environment, _options, info, layout, channel);
        var reader = new SampleReader(_column, _conditionColumns, layout, info.Codec, _options.DropInvalidRows,
            warning => channel.Warning(MessageSensitivity.UserData, "{0}", warning));
        using var rows = reader.Read(input, "training", int.MaxValue, _options.CancellationToken);
        using var validationRows = validation is null ? null : reader.Read(validation, "validation", _options.ValidationRows, _options.CancellationToken);
        var columns = new DenoiserColumns(_column, info.NoisedColumn, info.LevelColumn, _conditionColumns, _options.DenoiserColumnName, _options.DenoisedColumnName);
        var spec = new DenoiserSpec(task.Network, task.Parameterization, info.Process, info.Codec, info.Shape, info.DataScale, layout, task.LevelInput);
        var ancestors = ViewSources.Schemas(input);
        using var engine = new TrainingEngine(task, _options, rows.Count);
        var budget = BudgetFor(rows.Count);
        channel.Info(MessageSensitivity.None, "{0}", FormattableString.Invariant(
            $"Training {task.Network.GetType().Name} of {engine.ParameterCount:n0} parameters on {task.Device} in {task.Precision}: {budget}, {(_options.GradientAccumulation > 1 ? $"{_options.GradientAccumulation} " : "")}batches of {_options.BatchSize} from {rows.Count:n0} rows, seed {task.Seed}."));
        var checkpoints = _options.Checkpoint is { } kept ? new CheckpointFolder(kept, engine, RunIdentity.Of(task, _options, rows, validationRows)) : null;
        var snapshots = _options.AverageSnapshots is { } averages ? new SnapshotFolder(averages, engine, ModelJson.KindOf(task.Network), _options.Checkpoint is { Resume: true }) : null;
        var sheets = _options.Samples is { } samples ? new SampleSheets(samples, task, info.Codec, new DiffusionCatalog(_environment).Images, rows) : null;
        var run = new TrainingRun(engine, _options, budget, task.Batches(rows, _options), Validation(task, validationRows), sheets, snapshots, checkpoints, channel);
        var outcome = run.Run();
        if (outcome == TrainingOutcome.Diverged)
            throw new TrainingDivergedException(run.Last!, run.Last!.Step == 0 ? null : Model());
        channel.Info(MessageSensitivity.None, "{0}", $"Training {Ending(outcome)} at {(run.Last is { } last ? $"{last}" : "the step of the checkpoint")}.");
        return Model();

        DenoiserTransformer Model()
        {
            var denoiser = new NetworkDenoiser(spec.Network, spec.Shape, spec.Parameterization, engine.Snapshot(), spec.Conditions, spec.LevelInput);
            return new DenoiserTransformer(_environment, new DenoiserModel(spec, denoiser), columns, ancestors);
        }
    }

    private static string Ending(TrainingOutcome outcome) => outcome switch
    {
        TrainingOutcome.Completed => "completed",
        TrainingOutcome.StoppedEarly => "stopped early, because the validation loss no longer fell,",
        _ => "was cancelled",
    };

    private (BatchSource, int)? Validation(TrainingTask task, SampleBuffer? rows)
    {
        if (rows is null)
            return null;
        // Whole batches only, so that each level counts alike; fewer rows than one batch repeat.
        int batches = Math.Max(1, (int)(rows.Count / _options.BatchSize));
        return (task.ValidationBatches(rows, _options), batches);
    }

    private TrainingBudget BudgetFor(long rows)
    {
        long? byEpochs = _options.Epochs is { } epochs ? Math.Max(1, (long)Math.Ceiling(epochs * rows / _options.StepSize)) : null;
        long? steps = _options.Steps is { } given && byEpochs is { } other ? Math.Min(given, other) : _options.Steps ?? byEpochs;
        return new TrainingBudget(steps ?? (_options.TimeBudget is null ? Options.DefaultSteps : null), _options.TimeBudget);
    }

    private ArgumentOutOfRangeException NoSchedule() => SchemaErrors.Unusable(
        $"Column '{_column}' has no noise schedule, which says how its data is destroyed. Put d.Transforms.NoiseSchedule(\"{_column}\") before the trainer, and keep the columns it makes.");
}
