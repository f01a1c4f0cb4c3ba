using System.Diagnostics;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Decides what <see cref="Precision.Auto"/> stands for in a run, by real steps of copies of what learns: the run itself starts afterwards, as if there had been none. A trial takes no more than a hundredth of
/// the run, nor two seconds.
/// </summary>
/// <param name="start">Makes a learner at the start of the run that computes in a precision.</param>
/// <param name="options">How to train.</param>
/// <param name="budget">How long the run lasts.</param>
/// <param name="rows">The training data.</param>
/// <param name="parts">In how many parts a batch of a learner is computed.</param>
internal sealed class PrecisionTrial(Func<Precision, Learner> start, TrainerOptions options, TrainingBudget budget, SampleBuffer rows, Func<Learner, int> parts)
{
    private const double ShareOfRun = 0.01;

    // Each precision once unseen, then pairs; bf16 may take twice as long.
    private const int StepsOfRace = (1 + PrecisionRace.Pairs) * 3;

    /// <summary>Decides.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="channel">Is told what was decided, and why.</param>
    public Precision Decide(TrainingTask task, IChannel channel)
    {
        string work = $"a step, {options.BatchSize} rows, {get_num_threads()} threads, {string.Join(" and ", task.Networks.Select(ModelJson.Write))}, {task.Shape}, {ModelJson.Write(task.Layout)}";
        var verdict = PrecisionRace.Remember(work, () => Race(task.Device));
        var precision = verdict?.Precision ?? Precision.Auto.Resolve(task.Device);
        channel.Info(MessageSensitivity.None, "{0}", verdict is { } found ? $"Precision is {found}." : $"Precision is {precision}: the run is too short to time steps in Float32 and bf16 before it.");
        return precision;
    }

    private PrecisionVerdict? Race(Device device)
    {
        using var single = new Contestant(start(Precision.Float32), rows, parts);
        if (RowsFor(single, out var limit) is not { } count)
            return null;
        using var half = new Contestant(start(Precision.BFloat16), rows, parts);
        return PrecisionRace.Run(() => single.Step(count), () => half.Step(count), limit, Precision.Auto.Resolve(device), TimeProvider.System);
    }

    // As many rows of a batch as the time that a trial may take has room for; null where there are none.
    private int? RowsFor(Contestant single, out TimeSpan limit)
    {
        int few = Math.Min(options.BatchSize, 2 * single.Parts);
        single.Step(few);
        long begin = Stopwatch.GetTimestamp();
        single.Step(few);
        var row = Stopwatch.GetElapsedTime(begin) / few;
        limit = PrecisionRace.Longest;
        if (budget.Time is { } time && time * ShareOfRun < limit)
            limit = time * ShareOfRun;
        if (budget.Steps is { } steps && row * (ShareOfRun * steps * options.StepSize) is var ofSteps && ofSteps < limit)
            limit = ofSteps;
        double affordable = limit / (row * StepsOfRace);
        return affordable < few ? null : (int)Math.Min(options.BatchSize, affordable);
    }

    private sealed class Contestant : IDisposable
    {
        private readonly Learner _learner;
        private readonly BatchGradient _gradient;
        private readonly TrainingBatch _batch;

        public Contestant(Learner learner, SampleBuffer rows, Func<Learner, int> parts)
        {
            _learner = learner;
            _gradient = new BatchGradient(learner, parts(learner));
            _batch = learner.Batches(rows).Batch(0);
        }

        public int Parts => _gradient.Parts;

        public void Step(int rows)
        {
            using var scope = NewDisposeScope();
            using var threads = _gradient.EnterStep();
            _gradient.Zero();
            _ = _gradient.Add(_batch.Rows(0, rows), 1, 0);
            _gradient.Collect();
            _learner.Parameters.PublishWeights();
        }

        public void Dispose()
        {
            _batch.Dispose();
            _gradient.Dispose();
            _learner.Dispose();
        }
    }
}
