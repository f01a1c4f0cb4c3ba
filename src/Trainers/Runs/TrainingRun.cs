using System.Diagnostics;
using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The loop over steps: budget, learning rate, validation, reports, and what ends it.</summary>
/// <param name="engine">Does the steps.</param>
/// <param name="options">How to train.</param>
/// <param name="budget">How long.</param>
/// <param name="training">Makes the batches to learn from.</param>
/// <param name="validation">Makes the batches to validate on, and how many; null for none.</param>
/// <param name="sheets">Draws samples; null for none.</param>
/// <param name="snapshots">Stores averages of the weights; null for none.</param>
/// <param name="checkpoints">Keeps the state of the run; null for none.</param>
/// <param name="channel">Takes the log.</param>
internal sealed class TrainingRun(TrainingEngine engine, TrainerOptions options, TrainingBudget budget,
    BatchSource training, (BatchSource Source, int Batches)? validation, ISampleSheets? sheets, SnapshotFolder? snapshots, CheckpointFolder? checkpoints, IChannel channel)
{
    // The log has a line per tenth of the run; progress reports are for more.
    private const double LogInterval = 0.1;

    // An estimate of the time left is told after so many steps more than were warm, or this time.
    private const int WarmSteps = 5;

    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(10);

    private readonly LearningRateSchedule _rates = new(options.LearningRate, options.WarmUp, options.Course ?? new LinearDecayCourse(options.Decay));
    private readonly SmoothedLoss _smoothed = new();
    private readonly Stopwatch _watch = new();
    private readonly OutputGuard _pictures = new(channel, "The samples");
    private MetricsFolder? _metrics;
    private RunPosition _start;
    private double _nextLog;
    private bool _foretold;
    private TimeSpan _warm;
    private double? _bestLoss;
    private int _waits;
    private long _step;

    // Of the whole run, what came before a checkpoint included.
    private TimeSpan Elapsed => _start.Elapsed + _watch.Elapsed;

    /// <summary>What was last known: of the step that failed where training diverged; null where a checkpoint was already at the end.</summary>
    public TrainingProgress? Last { get; private set; }

    /// <summary>Why the end of the run could not be saved; null where it was, or nothing was to be saved.</summary>
    public Exception? Unsaved { get; private set; }

    /// <summary>Trains until something ends it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the first step.</exception>
    public TrainingOutcome Run()
    {
        _start = checkpoints?.Resume() ?? default;
        _step = _start.Step;
        _smoothed.State = (_start.LossSum, _start.LossWeight);
        (_bestLoss, _waits) = (_start.BestLoss, _start.Waits);
        // Where the checkpoint is that of the end.
        if (_step > 0 && budget.Fraction(_step, _start.Elapsed) >= 1)
            return TrainingOutcome.Completed;
        if (HasWaitedLongEnough)
            return TrainingOutcome.StoppedEarly;
        using var metrics = options.MetricsFolder is { } folder ? new MetricsFolder(folder, _step, channel) : null;
        _metrics = metrics;
        if (_metrics is not null && validation is not null && !PictureFile.CanDraw)
            channel.Warning(MessageSensitivity.None, "{0}", "The plot loss_by_level.png is not drawn, because the program has no native library of SkiaSharp: on Linux add the package SkiaSharp.NativeAssets.Linux.NoDependencies.");
        using var queue = new BatchQueue(training, engine.Device, _step * options.GradientAccumulation);
        _watch.Start();
        options.CancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            double fraction = budget.Fraction(_step, Elapsed), rate = _rates.At(fraction);
            var result = Step(queue, rate, fraction);
            if (!result.IsFinite)
            {
                Last = Progress(result, rate);
                return TrainingOutcome.Diverged;
            }
            _step++;
            _smoothed.Add(result.Loss);
            bool cancelled = options.CancellationToken.IsCancellationRequested;
            bool completed = budget.Fraction(_step, Elapsed) >= 1;
            ForetellEnd();
            Report(Progress(result, rate), completed, cancelled);
            // Asked again, because a report may be what made the user cancel.
            cancelled = options.CancellationToken.IsCancellationRequested;
            Save(completed || cancelled || HasWaitedLongEnough);
            if (completed)
                return TrainingOutcome.Completed;
            if (cancelled)
                return TrainingOutcome.Cancelled;
            if (HasWaitedLongEnough)
                return TrainingOutcome.StoppedEarly;
        }
    }

    private void Save(bool ends)
    {
        var failure = snapshots?.Save(_step, ends);
        failure = checkpoints?.Save(Position(), ends) ?? failure;
        if (ends)
            Unsaved = failure;
    }

    private bool HasWaitedLongEnough => _waits >= (options.Patience ?? int.MaxValue);

    // Who sets no budget does not know what the default means on this machine.
    private void ForetellEnd()
    {
        if (_foretold || options.Steps is not null || options.Epochs is not null || options.TimeBudget is not null)
            return;
        // The first steps are slow: memory is new, threads start, precisions are tried.
        long warm = _start.Step + WarmSteps;
        if (_step == warm)
            _warm = _watch.Elapsed;
        if (_step < warm + WarmSteps && (_step <= warm || _watch.Elapsed - _warm < s_enough))
            return;
        _foretold = true;
        var left = (_watch.Elapsed - _warm) / (_step - warm) * (budget.Steps!.Value - _step);
        channel.Info(MessageSensitivity.None, "{0}", FormattableString.Invariant($"No budget was set (Steps, Epochs or TimeBudget), so training takes {budget}: about {Words(left)} more on this machine. Set TimeBudget = TimeSpan.FromMinutes(10), for example, to end earlier, or cancel: the model trained so far is returned."));
    }

    private static string Words(TimeSpan time) => time.TotalMinutes < 2 ? FormattableString.Invariant($"{time.TotalSeconds:n0} seconds")
        : time.TotalHours < 2 ? FormattableString.Invariant($"{time.TotalMinutes:n0} minutes")
        : FormattableString.Invariant($"{time.TotalHours:n1} hours");

    private StepResult Step(BatchQueue queue, double rate, double fraction)
    {
        TrainingBatch? current = null;
        try
        {
            return engine.Step(Next, options.GradientAccumulation, rate, fraction);
        }
        finally
        {
            current?.Dispose();
        }

        TrainingBatch Next()
        {
            current?.Dispose();
            return current = queue.Next();
        }
    }

    private RunPosition Position() => new(_step, Elapsed, _smoothed.State.Sum, _smoothed.State.Weight, _bestLoss, _waits);

    // The validation loss with the weights that the model would keep.
    private ValidationResult Validate()
    {
        var result = engine.Validate(validation!.Value.Source, validation.Value.Batches);
        double loss = result.Mean;
        // A NaN is no improvement.
        if (loss < (_bestLoss ?? double.PositiveInfinity))
        {
            (_bestLoss, _waits) = (loss, 0);
            engine.KeepAsBest();
        }
        else
        {
            _waits++;
        }
        return result;
    }

    private void Report(TrainingProgress progress, bool completed, bool cancelled)
    {
        bool validate = validation is not null && !cancelled && (completed || _step % options.ValidationInterval == 0);
        if (validate)
        {
            var result = Validate();
            progress = progress with { ValidationLoss = result.Mean, ValidationLevels = result.Levels, ValidationScores = result.Scores is { Count: > 0 } scores ? scores : null };
        }
        if (sheets is not null && (completed || cancelled || _step % sheets.Every == 0))
            engine.WithKeptWeights(() => _pictures.Try(() => sheets.Write(_step)));
        Last = progress;
        if (validate || completed || cancelled || _step == _start.Step + 1 || _step % options.ProgressInterval == 0)
        {
            _metrics?.Write(progress);
            options.Progress?.Report(progress);
            options.OnProgress?.Invoke(progress);
        }
        if (progress.Fraction < _nextLog && !completed && !cancelled)
            return;
        channel.Info(MessageSensitivity.None, "{0}", progress);
        _nextLog = progress.Fraction + LogInterval;
    }

    private TrainingProgress Progress(StepResult result, double rate)
    {
        var elapsed = Elapsed;
        return new TrainingProgress
        {
            Step = _step,
            TotalSteps = budget.Steps,
            Fraction = budget.Fraction(_step, elapsed),
            Loss = result.Loss,
            SmoothedLoss = _smoothed.Value,
            LearningRate = rate,
            GradientNorm = result.GradientNorm,
            SamplesPerSecond = _step * options.StepSize / elapsed.TotalSeconds,
            Elapsed = elapsed,
            Remaining = budget.Remaining(_step, elapsed),
        };
    }
}
