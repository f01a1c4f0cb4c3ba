using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A network that learns to denoise.</summary>
internal sealed class DenoisingLearner : Learner
{
    private readonly DenoisingTask _task;
    private readonly DenoiserTrainer.Options _options;
    private readonly DenoisingLoss _loss;
    // Answers as the target of the objective; null where the weights themselves do.
    private readonly NetworkDenoiser? _target;

    /// <summary>A network at the start of its run.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="options">How.</param>
    public DenoisingLearner(DenoisingTask task, DenoiserTrainer.Options options)
        : base(task, options, task.FirstWeights())
    {
        (_task, _options) = (task, options);
        _target = options.Objective.TargetDecayAt(0) is null ? null : task.Bind(Parameters.Snapshot(ema: false, task.Precision));
        _loss = new DenoisingLoss(task, options, Parameters, _target);
    }

    /// <summary>The denoiser with the weights as they are.</summary>
    public IDenoiser Denoiser => _loss.Denoiser;

    /// <inheritdoc/>
    public override bool TakesParts => !_options.Objective.ComparesRows && !_task.Network.MixesRows;

    /// <inheritdoc/>
    public override long ProductsOfRow => _task.Network.ProductsOfRow(_task.Shape, _task.Layout);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Values)> State => _target is null ? [] : [("target", _target.Parameters.Master)];

    /// <inheritdoc/>
    public override BatchSource Batches(SampleBuffer rows) => _task.Batches(rows, _options);

    /// <inheritdoc/>
    public override BatchSource ValidationBatches(SampleBuffer rows) => _task.ValidationBatches(rows, _options);

    /// <inheritdoc/>
    public override IBatchLoss Replica() => new DenoisingLoss(_task, _options, Parameters.Replica(), _target);

    /// <inheritdoc/>
    public override Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction) => _loss.LossOfRows(batch, levels, dropout, fraction);

    /// <inheritdoc/>
    public override Tensor Loss(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction) => _loss.Loss(batch, levels, dropout, fraction);

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
        _loss.Dispose();
        _target?.Dispose();
        base.Dispose();
    }
}
