using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What all trainers have in common: they learn from a column of clean data behind a noise schedule, and from columns that belong to it.</summary>
/// <remarks>
/// The clean column is read once; noise is drawn anew in each step. With a seed and a budget of steps or epochs, training on the same CPU gives the same weights to the last bit. Thread safe.
/// </remarks>
/// <typeparam name="TTransformer">What training makes.</typeparam>
public abstract class Trainer<TTransformer> : IEstimator<TTransformer>
    where TTransformer : class, ITransformer
{
    private readonly IHost _host;
    private readonly TrainerOptions _options;

    private protected Trainer(IHostEnvironment environment, string name, string columnName, IReadOnlyList<string> conditionColumns, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrWhiteSpace(columnName);
        ArgumentNullException.ThrowIfNull(conditionColumns);
        foreach (string condition in conditionColumns)
            ArgumentException.ThrowIfNullOrWhiteSpace(condition, nameof(conditionColumns));
        if (conditionColumns.Distinct().Count() != conditionColumns.Count)
            throw new ArgumentException($"A condition column is named twice: {string.Join(", ", conditionColumns)}.", nameof(conditionColumns));
        _options = options.Copy();
        _options.Validate();
        // Hosts that a context registers know neither its seed nor its GPU.
        Environment = environment;
        _host = environment.Register(name);
        Column = columnName;
        ConditionColumns = [.. conditionColumns];
    }

    private protected IHostEnvironment Environment { get; }

    private protected string Column { get; }

    private protected IReadOnlyList<string> ConditionColumns { get; }

    /// <summary>A copy of the user's options, checked.</summary>
    private protected TOptions OptionsAs<TOptions>() where TOptions : TrainerOptions => (TOptions)_options;

    /// <summary>Trains.</summary>
    /// <param name="input">The training data, behind a noise schedule for the column.</param>
    /// <returns>What was trained, which the caller may dispose.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or no noise schedule was made for it.</exception>
    /// <exception cref="ArgumentException">The options do not fit the data or each other; says which.</exception>
    /// <exception cref="InvalidOperationException">A value is not valid, the data is empty or teaches nothing, the device is not there, or checkpoints are of another run, or in use by one.</exception>
    /// <exception cref="NotSupportedException">The device does not compute in the precision asked for.</exception>
    /// <exception cref="IOException">The folder of checkpoints, averages or metrics can not be written to at the start. Later failures are warnings, after which training goes on.</exception>
    /// <exception cref="TrainingNotSavedException">The checkpoint or the averages of the end could not be written; the exception has the model.</exception>
    /// <exception cref="TrainingDivergedException">The loss or its gradient stopped being finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the first step was done; later, the model trained so far is returned.</exception>
    public TTransformer Fit(IDataView input) => Train(input, null);

    /// <summary>Trains, and measures the loss on data that is not trained on, which <see cref="TrainerOptions.Progress"/> reports.</summary>
    /// <param name="input">The training data, behind a noise schedule for the column.</param>
    /// <param name="validation">Data of the same columns; its first <see cref="TrainerOptions.ValidationRows"/> rows are used, always with the same noise.</param>
    /// <inheritdoc cref="Fit(IDataView)" path="/returns"/>
    /// <inheritdoc cref="Fit(IDataView)" path="/exception"/>
    public TTransformer Fit(IDataView input, IDataView validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        return Train(input, validation);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        VectorReader.Check(inputSchema, Column);
        CheckConditions(inputSchema, ConditionColumns);
        if (!ForwardProcessInfo.IsIn(inputSchema))
            throw NoSchedule();
        return Shapes.With(inputSchema, OutputShapes(inputSchema));
    }

    /// <summary>Refuses condition columns of the wrong type.</summary>
    private protected virtual void CheckConditions(SchemaShape shape, IReadOnlyList<string> columns) => ConditionPacker.Check(shape, columns);

    /// <summary>The columns that the trained transformer adds to the input of training.</summary>
    private protected abstract SchemaShape.Column[] OutputShapes(SchemaShape inputSchema);

    /// <summary>Decides what the user left open, and refuses what does not fit together, before data is read.</summary>
    private protected abstract TrainingPlan<TTransformer> Prepare(IDataView input, ForwardProcessInfo info, IChannel channel);

    private TTransformer Train(IDataView input, IDataView? validation)
    {
        ArgumentNullException.ThrowIfNull(input);
        try
        {
            return Learn(input, validation);
        }
        finally
        {
            // All that the run took is free by now.
            NativeHeap.GiveBack();
        }
    }

    private TTransformer Learn(IDataView input, IDataView? validation)
    {
        var source = VectorReader.Check(input.Schema, Column);
        var info = ForwardProcessInfo.Find(input.Schema, Column) ?? throw NoSchedule();
        DataColumn.Check(input.Schema, source.Name, info.Shape);
        using var channel = _host.Start("Train");
        TorchNative.EnsureLoaded();
        using var mode = InferenceMode.Leave();
        // Who limits threads does so before Fit.
        int threads = get_num_threads();
        if (validation is null && _options.NeedsValidation)
            throw new InvalidOperationException($"The options {nameof(TrainerOptions.KeepBest)} and {nameof(TrainerOptions.Patience)} need validation data: call Fit(input, validation).");
        // Refused before data is read.
        if (_options.Checkpoint is not null)
            RunIdentity.OfOptions(_options);
        var plan = Prepare(input, info, channel);
        if (validation is not null)
            DataColumn.Check(validation.Schema, Column, info.Shape);
        var task = plan.Task;
        foreach (var slot in task.Layout.Slots.OfType<ClassCondition>())
            if (slot.Values?.Alike().FirstOrDefault() is { } alike)
                Warn($"Column '{slot.Name}' has values that look alike and count as classes of their own, {string.Join(" and ", alike.Select(value => $"'{value}'"))}, because they are written in other Unicode forms. Normalize them (string.Normalize) before they become keys.");
        var reader = new SampleReader(Column, ConditionColumns, task.Layout, info.Codec, new UnknownValueRule(_options.UnknownValues, Warn), _options.DropInvalidRows, Warn, plan.NeedsConditions);
        using var rows = reader.Read(input, "training", int.MaxValue, _options.CancellationToken);
        using var validationRows = validation is null ? null : reader.Read(validation, "validation", _options.ValidationRows, _options.CancellationToken);
        plan.Check?.Invoke(rows);
        ConditionRows.Check(task.Layout, rows, plan.GoesOn, Warn);
        rows.PlaceOn(task.Device);
        var budget = BudgetFor(rows.Count);
        using var search = _options.Checkpoint is { } kept ? new CheckpointSearch(kept, channel) : null;
        var earlier = search?.Newest?.Identity;
        int? earlierParts = RunIdentity.PartsOf(earlier);
        int PartsOf(Learner learner) => BatchParts.For(learner, _options, threads, earlierParts);
        var learner = plan.Start(PrecisionOf());
        task = learner.Task;
        int parts = PartsOf(learner);
        using var engine = new TrainingEngine(learner, _options, rows.Count, parts);
        channel.Info(MessageSensitivity.None, "{0}", FormattableString.Invariant(
            $"Training {string.Join(" and ", task.Networks.Select(network => network.GetType().Name))} of {engine.ParameterCount:n0} parameters on {task.Device} in {task.Precision}: {budget}, {(_options.GradientAccumulation > 1 ? $"{_options.GradientAccumulation} " : "")}batches of {_options.BatchSize}{(parts > 1 ? $" in {parts} parts" : "")} from {Plural.Of(rows.Count, "row", format: "n0")}, seed {task.Seed}."));
        var checkpoints = search is null ? null
            : new CheckpointFolder(_options.Checkpoint!, search, engine, RunIdentity.Of(task, _options, rows, validationRows, BatchParts.OfRecord(task.Device, parts, earlierParts)), channel);
        var snapshots = _options.AverageSnapshots is { } averages ? new SnapshotFolder(averages, engine, string.Join('+', task.Networks.Select(Kinds.NameOf)), _options.Checkpoint is { Resume: true }, channel) : null;
        var run = new TrainingRun(engine, _options, budget, learner.Batches(rows), Validation(learner, validationRows), plan.Sheets?.Invoke(learner, rows), snapshots, checkpoints, channel);
        var outcome = run.Run();
        if (outcome == TrainingOutcome.Diverged)
            throw new TrainingDivergedException(run.Last!, run.Last!.Step == 0 ? null : plan.Model(engine.Snapshots()));
        channel.Info(MessageSensitivity.None, "{0}", $"Training {Ending(outcome)} at {(run.Last is { } last ? $"{last}" : "the step of the checkpoint")}.");
        if (learner.HasScores)
            ReportScores(engine, run.Last?.ValidationScores, learner, rows, channel);
        var model = plan.Model(engine.Snapshots());
        return run.Unsaved is { } failure ? throw new TrainingNotSavedException(failure, model) : model;

        void Warn(string warning) => channel.Warning(MessageSensitivity.UserData, "{0}", warning);

        // What a checkpoint holds is not decided anew.
        Precision PrecisionOf()
            => plan.Task.Precision != Precision.Auto ? plan.Task.Precision
                : RunIdentity.PrecisionOf(earlier) is { } kept ? kept
                : new PrecisionTrial(plan.Start, _options, budget, rows, PartsOf).Decide(plan.Task, channel);
    }

    // By noise level, since that is what such a model is made for; of training data, where no other is given.
    private void ReportScores(TrainingEngine engine, IReadOnlyList<ValidationScore>? scores, Learner learner, SampleBuffer rows, IChannel channel)
    {
        string data = "validation";
        if (scores is null)
        {
            data = "training";
            scores = engine.Validate(learner.ValidationBatches(rows), Batches(Math.Min(rows.Count, _options.ValidationRows))).Scores;
        }
        foreach (var score in scores)
            channel.Info(MessageSensitivity.None, "{0}", FormattableString.Invariant(
                $"On {data} data: {score}; by noise ratio σ/α: {string.Join(", ", score.Levels.Select(level => FormattableString.Invariant($"{level.Ratio:g2}: {level.Value:p0}")))}."));
    }

    private static string Ending(TrainingOutcome outcome) => outcome switch
    {
        TrainingOutcome.Completed => "completed",
        TrainingOutcome.StoppedEarly => "stopped early, because the validation loss no longer fell,",
        _ => "was cancelled",
    };

    // Whole batches only, so that each level counts alike; fewer rows than one batch repeat.
    private (BatchSource, int)? Validation(Learner learner, SampleBuffer? rows)
        => rows is null ? null : (learner.ValidationBatches(rows), Batches(rows.Count));

    private int Batches(long rows) => Math.Max(1, (int)(rows / _options.BatchSize));

    private TrainingBudget BudgetFor(long rows)
    {
        long? byEpochs = _options.Epochs is { } epochs ? Math.Max(1, (long)Math.Ceiling(epochs * rows / _options.StepSize)) : null;
        long? steps = _options.Steps is { } given && byEpochs is { } other ? Math.Min(given, other) : _options.Steps ?? byEpochs;
        return new TrainingBudget(steps ?? (_options.TimeBudget is null ? TrainerOptions.DefaultSteps : null), _options.TimeBudget);
    }

    private ArgumentOutOfRangeException NoSchedule() => SchemaErrors.Unusable(
        $"Column '{Column}' has no noise schedule, which says how its data is destroyed. Put d.Transforms.NoiseSchedule(\"{Column}\") before the trainer, and keep the columns it makes.");
}
