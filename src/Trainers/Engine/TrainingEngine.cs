using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// One training step after the other: loss, gradient, clip, AdamW, average. Weights, gradients, moments and the
/// average are flat buffers, so what follows the gradient is a handful of kernels however many parameters the network has.
/// </summary>
internal sealed class TrainingEngine : IDisposable
{
    private readonly Learner _learner;
    private readonly FlatParameters _parameters;
    private readonly BatchGradient _gradient;
    private readonly FlatOptimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly double _clipping;
    private readonly double _matrixDecay;
    // 1 at the weights that decay apart from the optimizer, which knows all or none; null where there are none.
    private readonly Tensor? _matrices;
    private readonly Tensor? _best;
    // Averages that are stored as the run goes.
    private readonly (PowerFunctionAverage Average, Tensor Values)[] _stored;
    private readonly EnsembleWeights? _ensemble;
    private double _fraction;
    private bool _hasBest;
    private long _steps;

    /// <summary>Trains what knows nothing yet.</summary>
    /// <param name="learner">What is trained; the engine disposes it.</param>
    /// <param name="options">How.</param>
    /// <param name="rows">The number of rows of training data.</param>
    /// <param name="parts">The number of parts of a batch that are computed beside each other: <see cref="BatchParts"/>.</param>
    /// <param name="alone">Whether the operations of a step run on one thread each; as <see cref="BatchParts.RunAlone"/> says where null.</param>
    public TrainingEngine(Learner learner, TrainerOptions options, long rows, int parts = 1, bool? alone = null)
    {
        _learner = learner;
        _gradient = new BatchGradient(learner, parts, alone);
        _parameters = learner.Parameters;
        _clipping = options.GradientClipping;
        _matrixDecay = options.DecayMatricesOnly ? options.WeightDecay : 0;
        _matrices = _matrixDecay > 0 ? _parameters.Matrices() : null;
        _optimizer = (options.Optimizer ?? new AdamWOptimizer()).Start(new OptimizerTask(_parameters.Trained, _parameters.Gradients, options.WeightDecay - _matrixDecay, rows, learner.Task.Seed));
        _average = options.ChosenAverage;
        using var noGrad = no_grad();
        _best = options.KeepBest ? Kept.clone().DetachFromDisposeScope() : null;
        _stored = [.. (options.AverageSnapshots?.Lengths ?? []).Select(length => (new PowerFunctionAverage(length), _parameters.Master.clone().DetachFromDisposeScope()))];
        _ensemble = options.ChosenEnsemble is { } ensemble ? new EnsembleWeights(ensemble, _parameters.Master) : null;
    }

    /// <summary>Where batches are needed.</summary>
    public Device Device => _parameters.Device;

    /// <summary>The number of parameters.</summary>
    public long ParameterCount => _parameters.Count;

    /// <summary>All that a step depends on but the number of steps, by name; not the caller's to dispose. What is written into it takes effect with <see cref="Resume"/>.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> State
        => [("weights", _parameters.Master), .. Optional("average", _average is null ? null : _parameters.Ema), .. Optional("best", _best), .. _learner.State, .. _ensemble?.State ?? [], .. _stored.Select(stored => (FormattableString.Invariant($"average {stored.Average.Length}"), stored.Values)), .. _learner.Levels.State, .. _optimizer.State];

    /// <summary>Goes on from a state that was written into <see cref="State"/>.</summary>
    /// <param name="steps">The number of steps that led to it.</param>
    /// <param name="hasBest">Whether weights were taken for the best.</param>
    public void Resume(long steps, bool hasBest)
    {
        (_steps, _hasBest) = (steps, hasBest);
        _parameters.PublishWeights();
        _learner.OnResumed();
    }

    // The average, or the last weights where there is none.
    private Tensor Kept => _average is null ? _parameters.Master : _parameters.Ema;

    /// <summary>A copy of the weights that the model keeps, Float32: the best where some were taken for it, the average, or the last ones. The caller disposes it.</summary>
    public FlatParameters Snapshot() => CopyOf(_best is not null && _hasBest ? _best : Kept);

    /// <summary>
    /// Copies of the weights that the model keeps: one, as <see cref="Snapshot"/>, or those of an ensemble, whose last ones are the run's. The caller disposes them.
    /// </summary>
    public IReadOnlyList<FlatParameters> Snapshots() => _ensemble is null ? [Snapshot()] : [.. _ensemble.Taken.Append(_parameters.Master).Select(CopyOf)];

    /// <summary>A copy of an average that is stored as the run goes, Float32. The caller disposes it.</summary>
    /// <param name="index">Its number among the lengths.</param>
    public FlatParameters StoredAverage(int index) => CopyOf(_stored[index].Values);

    /// <summary>Takes the weights that the model would keep now for the best.</summary>
    public void KeepAsBest()
    {
        if (_best is null)
            return;
        using var noGrad = no_grad();
        _best.copy_(Kept);
        _hasBest = true;
    }

    /// <summary>One step of one batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="fraction">How much of the run is done.</param>
    public StepResult Step(TrainingBatch batch, double learningRate, double fraction = 0) => Step(() => batch, 1, learningRate, fraction);

    /// <summary>One step: the mean gradient of several batches, then the update. Leaves the weights alone where loss or gradient is not finite.</summary>
    /// <param name="next">Gives the batches, one after the other; they stay the caller's.</param>
    /// <param name="batches">The number of batches.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="fraction">How much of the run is done.</param>
    public StepResult Step(Func<TrainingBatch> next, int batches, double learningRate, double fraction = 0)
    {
        _fraction = fraction;
        using var scope = NewDisposeScope();
        using var threads = _gradient.EnterStep();
        _gradient.Zero();
        double loss = 0;
        for (int i = 0; i < batches; i++)
            loss += _gradient.Add(next(), 1.0 / batches, fraction);
        if (!double.IsFinite(loss))
            return new StepResult(loss, double.NaN);
        return new StepResult(loss, Update(learningRate));
    }

    /// <summary>What follows the gradient: clips, moves the weights and their average. Leaves them alone where the gradient is not finite.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <returns>The norm of the gradient before clipping.</returns>
    public double Update(double learningRate)
    {
        using var noGrad = no_grad();
        _gradient.Collect();
        double norm;
        using (var length = linalg.vector_norm(_parameters.Gradients))
            norm = length.item<float>();
        if (!double.IsFinite(norm))
            return norm;
        if (_matrices is not null)
        {
            using TorchSharp.Scalar share = -learningRate * _matrixDecay;
            _parameters.Trained.addcmul_(_parameters.Trained, _matrices, share);
        }
        _optimizer.Step(learningRate, Math.Max(1, norm / _clipping));
        _parameters.PublishWeights();
        _steps++;
        if (_average?.WeightAt(_steps) is > 0 and var replaced)
            _parameters.MoveAverage(_parameters.Ema, replaced);
        foreach (var (stored, values) in _stored)
            _parameters.MoveAverage(values, stored.WeightAt(_steps));
        _ensemble?.Follow(_parameters.Master, _fraction);
        _learner.OnMoved(_fraction);
        return norm;
    }

    /// <summary>What validation measures of batches, with the weights that the model keeps.</summary>
    /// <param name="source">Makes the batches: the same ones each time.</param>
    /// <param name="batches">The number of batches.</param>
    public ValidationResult Validate(BatchSource source, int batches)
    {
        var result = new ValidationResult();
        WithKeptWeights(() =>
        {
            for (int i = 0; i < batches; i++)
            {
                using var batch = source.Batch(i).OnDevice(Device);
                var levels = _learner.Levels.PlainLevels(batch.Uniforms);
                result.Add(_learner.Measure(batch, levels, _fraction), batch.Uniforms, levels);
            }
        });
        return result;
    }

    /// <summary>Does something with the weights that the model keeps, without gradients.</summary>
    /// <param name="action">What to do.</param>
    public void WithKeptWeights(Action action)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var latest = _parameters.Master.clone();
        try
        {
            if (_average is not null)
                Use(_parameters.Ema);
            action();
        }
        finally
        {
            Use(latest);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _gradient.Dispose();
        _learner.Dispose();
        _matrices?.Dispose();
        _best?.Dispose();
        _ensemble?.Dispose();
        foreach (var (_, values) in _stored)
            values.Dispose();
    }

    private FlatParameters CopyOf(Tensor weights)
    {
        var copy = FlatParameters.Allocate(_parameters.Inventory, _parameters.Device, Precision.Float32, trainable: false);
        using var noGrad = no_grad();
        copy.Master.copy_(weights);
        return copy;
    }

    private static IEnumerable<(string Name, Tensor Values)> Optional(string name, Tensor? values) => values is null ? [] : [(name, values)];

    private void Use(Tensor weights)
    {
        _parameters.Master.copy_(weights);
        _parameters.PublishWeights();
    }
}
