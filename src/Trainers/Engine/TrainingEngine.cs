using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// One training step after the other: corrupt, denoise, loss, gradient, clip, AdamW, average. Weights, gradients, moments and the
/// average are flat buffers, so what follows the gradient is a handful of kernels however many parameters the network has.
/// </summary>
internal sealed class TrainingEngine : IDisposable
{
    private readonly TrainingTask _task;
    private readonly FlatParameters _parameters;
    private readonly NetworkDenoiser _denoiser;
    private readonly Objective _objective;
    private readonly LossWeight _weight;
    private readonly LevelSampler _levels;
    private readonly FlatOptimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly double _clipping;
    private readonly double _matrixDecay;
    // 1 at the weights that decay apart from the optimizer, which knows all or none; null where there are none.
    private readonly Tensor? _matrices;
    private readonly Tensor? _best;
    // Answers as the target of the objective; null where the weights themselves do.
    private readonly NetworkDenoiser? _target;
    // Averages that are stored as the run goes.
    private readonly (PowerFunctionAverage Average, Tensor Values)[] _stored;
    private double _fraction;
    private bool _hasBest;
    private long _steps;

    /// <summary>A network that knows nothing yet.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="options">How.</param>
    /// <param name="rows">The number of rows of training data.</param>
    public TrainingEngine(TrainingTask task, DenoiserTrainer.Options options, long rows)
    {
        _task = task;
        (_objective, _weight) = (options.Objective, options.LossWeight);
        _levels = options.Levels.Start(task.Process.Schedule);
        _clipping = options.GradientClipping;
        _parameters = task.FirstWeights();
        _denoiser = new NetworkDenoiser(task.Network, task.Shape, task.Parameterization, _parameters, task.Layout, task.LevelInput);
        _matrixDecay = options.DecayMatricesOnly ? options.WeightDecay : 0;
        _matrices = _matrixDecay > 0 ? _parameters.Matrices() : null;
        _optimizer = (options.Optimizer ?? new AdamW()).Start(new OptimizerTask(_parameters.Trained, _parameters.Gradients, options.WeightDecay - _matrixDecay, rows, task.Seed));
        _average = options.ChosenAverage;
        using var noGrad = no_grad();
        _best = options.KeepBest ? Kept.clone().DetachFromDisposeScope() : null;
        _stored = [.. (options.AverageSnapshots?.Lengths ?? []).Select(length => (new PowerFunctionAverage(length), _parameters.Master.clone().DetachFromDisposeScope()))];
        _target = _objective.TargetDecayAt(0) is null ? null : new NetworkDenoiser(task.Network, task.Shape, task.Parameterization, _parameters.Snapshot(ema: false, task.Precision), task.Layout, task.LevelInput);
    }

    /// <summary>Where batches are needed.</summary>
    public Device Device => _task.Device;

    /// <summary>The number of parameters.</summary>
    public long ParameterCount => _parameters.Count;

    /// <summary>All that a step depends on but the number of steps, by name; not the caller's to dispose. What is written into it takes effect with <see cref="Resume"/>.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> State
        => [("weights", _parameters.Master), .. Optional("average", _average is null ? null : _parameters.Ema), .. Optional("best", _best), .. Optional("target", _target?.Parameters.Master), .. _stored.Select(stored => (FormattableString.Invariant($"average {stored.Average.Length}"), stored.Values)), .. _levels.State, .. _optimizer.State];

    /// <summary>Goes on from a state that was written into <see cref="State"/>.</summary>
    /// <param name="steps">The number of steps that led to it.</param>
    /// <param name="hasBest">Whether weights were taken for the best.</param>
    public void Resume(long steps, bool hasBest)
    {
        (_steps, _hasBest) = (steps, hasBest);
        _parameters.PublishWeights();
        _target?.Parameters.PublishWeights();
    }

    // The average, or the last weights where there is none.
    private Tensor Kept => _average is null ? _parameters.Master : _parameters.Ema;

    /// <summary>A copy of the weights that the model keeps, Float32: the best where some were taken for it, the average, or the last ones. The caller disposes it.</summary>
    public FlatParameters Snapshot() => CopyOf(_best is not null && _hasBest ? _best : Kept);

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
        using var grad = enable_grad();
        _parameters.ZeroGradients();
        double loss = 0;
        for (int i = 0; i < batches; i++)
        {
            var batch = next();
            using var whole = LearnedLoss(batch);
            using var part = whole.Times(1.0 / batches);
            part.backward();
            loss += part.item<float>();
        }
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
        _parameters.CollectGradients();
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
            Follow(_parameters.Ema, replaced);
        foreach (var (stored, values) in _stored)
            Follow(values, stored.WeightAt(_steps));
        if (_target is not null)
        {
            Follow(_target.Parameters.Master, 1 - _objective.TargetDecayAt(_fraction)!.Value);
            _target.Parameters.PublishWeights();
        }
        return norm;
    }

    /// <summary>The losses of batches with the weights that the model keeps.</summary>
    /// <param name="source">Makes the batches: the same ones each time.</param>
    /// <param name="batches">The number of batches.</param>
    public LevelLosses Validate(BatchSource source, int batches)
    {
        var losses = new LevelLosses();
        WithKeptWeights(_ =>
        {
            for (int i = 0; i < batches; i++)
            {
                using var batch = source.Batch(i).OnDevice(_task.Device);
                var levels = _levels.PlainLevels(batch.Uniforms);
                using var rows = Ask(batch, levels, dropout: null, _objective.LossOfRows);
                using var host = rows.cpu();
                losses.Add(host.data<float>().ToArray(), batch.Uniforms, levels);
            }
        });
        return losses;
    }

    /// <summary>Does something with the weights that the model keeps, without gradients.</summary>
    /// <param name="action">Is given the denoiser.</param>
    public void WithKeptWeights(Action<NetworkDenoiser> action)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var latest = _parameters.Master.clone();
        try
        {
            if (_average is not null)
                Use(_parameters.Ema);
            action(_denoiser);
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
        _denoiser.Dispose();
        _target?.Dispose();
        _levels.Dispose();
        _matrices?.Dispose();
        _best?.Dispose();
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

    // Replaces a share of an average by the weights.
    private void Follow(Tensor average, double share)
    {
        using var weight = tensor((float)share, device: _parameters.Device);
        average.lerp_(_parameters.Master, weight);
    }

    private static IEnumerable<(string Name, Tensor Values)> Optional(string name, Tensor? values) => values is null ? [] : [(name, values)];

    // Of levels that are drawn as their distribution has it; what it makes rarer counts more.
    private Tensor LearnedLoss(TrainingBatch batch)
    {
        var (levels, weights) = _levels.Draw(batch.Uniforms);
        if (weights is null)
            return Ask(batch, levels, batch.Noise, _objective.Loss);
        using var rows = Ask(batch, levels, batch.Noise, _objective.LossOfRows);
        using var plain = rows.detach().cpu();
        _levels.Learn(plain.data<float>().ToArray());
        using var host = tensor(weights);
        using var factors = host.to(rows.device);
        using var weighted = rows.mul(factors);
        return weighted.mean();
    }

    private Tensor Ask(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, Func<ObjectiveBatch, Tensor> loss)
    {
        var conditioning = new Conditioning(_task.Layout, batch.Conditions);
        return loss(new ObjectiveBatch
        {
            X0 = batch.X0,
            Latent = batch.Latent,
            Levels = levels,
            Process = _task.Process,
            Parameterization = _task.Parameterization,
            Weight = _weight,
            Fraction = _fraction,
            Network = Answer,
            Target = (x, at) => Still(() => (_target ?? _denoiser).Answer(x, at, conditioning, dropout)),
            Teacher = _task.Teacher is { } teacher ? (x, at) => Still(() => Estimate(teacher.Denoiser.Denoise(x, new StepContext(at), conditioning))) : null,
        });

        Tensor Answer(Tensor x, NoiseLevels at)
        {
            using var estimate = batch.Estimates && _task.Network.SelfConditions ? OwnEstimate(x, at, conditioning, dropout) : null;
            return _denoiser.Answer(x, at, conditioning, dropout, estimate);
        }
    }

    // A network's own estimate, where it takes one, for half of all batches (Chen et al. 2022, arXiv:2208.04202, Algorithm 1).
    private Tensor OwnEstimate(Tensor x, NoiseLevels at, Conditioning conditioning, RowNoise? dropout) => Still(() =>
    {
        using var answer = _denoiser.Answer(x, at, conditioning, dropout);
        using var mean = answer.narrow(1, 0, x.size(1));
        return _task.Parameterization.Denoise(x, mean, at);
    });

    private static Tensor Still(Func<Tensor> ask)
    {
        using var noGrad = no_grad();
        return ask();
    }

    private static Tensor Estimate(Denoised answer)
    {
        answer.LogVariance?.Dispose();
        return answer.X0;
    }

    private void Use(Tensor weights)
    {
        _parameters.Master.copy_(weights);
        _parameters.PublishWeights();
    }
}
