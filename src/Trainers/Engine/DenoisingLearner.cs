using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A network that learns to denoise.</summary>
internal sealed class DenoisingLearner : Learner
{
    private readonly DenoisingTask _task;
    private readonly DenoiserTrainer.Options _options;
    private readonly NetworkDenoiser _denoiser;
    // Answers as the target of the objective; null where the weights themselves do.
    private readonly NetworkDenoiser? _target;

    /// <summary>A network at the start of its run.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="options">How.</param>
    public DenoisingLearner(DenoisingTask task, DenoiserTrainer.Options options)
        : base(task, options, task.FirstWeights())
    {
        (_task, _options) = (task, options);
        _denoiser = Of(Parameters);
        _target = options.Objective.TargetDecayAt(0) is null ? null : Of(Parameters.Snapshot(ema: false, task.Precision));
    }

    /// <summary>The denoiser with the weights as they are.</summary>
    public IDenoiser Denoiser => _denoiser;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => _target is null ? [] : [("target", _target.Parameters.Master)];

    /// <inheritdoc/>
    public override BatchSource Batches(SampleBuffer rows) => _task.Batches(rows, _options);

    /// <inheritdoc/>
    public override BatchSource ValidationBatches(SampleBuffer rows) => _task.ValidationBatches(rows, _options);

    /// <inheritdoc/>
    public override Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction) => _options.Objective.LossOfRows(Ask(batch, levels, dropout, fraction));

    /// <inheritdoc/>
    public override Tensor Loss(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction) => _options.Objective.Loss(Ask(batch, levels, dropout, fraction));

    /// <inheritdoc/>
    public override void OnMoved(double fraction)
    {
        if (_target is null)
            return;
        Parameters.MoveAverage(_target.Parameters.Master, 1 - _options.Objective.TargetDecayAt(fraction)!.Value);
        _target.Parameters.PublishWeights();
    }

    /// <inheritdoc/>
    public override void OnResumed() => _target?.Parameters.PublishWeights();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _denoiser.Dispose();
        _target?.Dispose();
        base.Dispose();
    }

    private NetworkDenoiser Of(FlatParameters parameters) => new(_task.Network, _task.Shape, _task.Parameterization, parameters, _task.Layout, _task.LevelInput);

    private ObjectiveBatch Ask(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction)
    {
        var conditioning = new Conditioning(_task.Layout, batch.Conditions);
        return new ObjectiveBatch
        {
            X0 = batch.X0,
            Latent = batch.Latent,
            Levels = levels,
            Process = _task.Process,
            Parameterization = _task.Parameterization,
            Weight = _options.LossWeight,
            Fraction = fraction,
            Network = Answer,
            Target = (x, at) => Still(() => (_target ?? _denoiser).Answer(x, at, conditioning, dropout)),
            Teacher = _task.Teacher is { } teacher ? (x, at) => Still(() => Estimate(teacher.Denoiser.Denoise(x, new StepContext(at), conditioning))) : null,
        };

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
}
