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
    private readonly DenoisingObjective _objective;
    private readonly FusedAdamW _optimizer;
    private readonly double? _averageExponent;
    private readonly double _clipping;
    private long _steps;

    /// <summary>A network that knows nothing yet.</summary>
    /// <param name="task">What is to be trained.</param>
    /// <param name="options">How.</param>
    public TrainingEngine(TrainingTask task, DenoiserTrainer.Options options)
    {
        _task = task;
        _objective = new DenoisingObjective(task.Parameterization);
        _clipping = options.GradientClipping;
        _parameters = FlatParameters.Create(task.Network.ListParameters(task.Shape, task.Layout), task.Seed, task.Device, task.Precision, trainable: true);
        _denoiser = new NetworkDenoiser(task.Network, task.Shape, task.Parameterization, _parameters, task.Layout);
        _optimizer = new FusedAdamW(_parameters.Master, _parameters.Gradients, options.WeightDecay);
        _averageExponent = options.EmaLength > 0 ? PowerFunctionAverage.Exponent(options.EmaLength) : null;
    }

    /// <summary>The number of parameters.</summary>
    public long ParameterCount => _parameters.Count;

    /// <summary>All that a step depends on but the number of steps, by name; not the caller's to dispose. What is written into it takes effect with <see cref="Resume"/>.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> State
        => [("weights", _parameters.Master), .. _averageExponent is null ? Array.Empty<(string, Tensor)>() : [("average", _parameters.Ema)], .. _optimizer.State];

    /// <summary>Goes on from a state that was written into <see cref="State"/>.</summary>
    /// <param name="steps">The number of steps that led to it.</param>
    public void Resume(long steps)
    {
        _steps = steps;
        _parameters.PublishWeights();
    }

    /// <summary>A copy of the weights that the model keeps, Float32: the average, or the last ones where there is none. The caller disposes it.</summary>
    public FlatParameters Snapshot() => _parameters.Snapshot(_averageExponent is not null, Precision.Float32);

    /// <summary>One step. Leaves the weights alone where loss or gradient is not finite.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="learningRate">The learning rate.</param>
    public StepResult Step(TrainingBatch batch, double learningRate)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        _parameters.ZeroGradients();
        double loss;
        using (var result = Loss(batch, batch.Noise))
        {
            result.backward();
            loss = result.item<float>();
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
        _optimizer.Step(learningRate, Math.Max(1, norm / _clipping));
        _parameters.PublishWeights();
        if (_averageExponent is { } exponent)
        {
            using var weight = tensor((float)PowerFunctionAverage.WeightAt(exponent, ++_steps), device: _parameters.Device);
            _parameters.Ema.lerp_(_parameters.Master, weight);
        }
        return norm;
    }

    /// <summary>The mean loss of batches with the weights that the model keeps.</summary>
    /// <param name="source">Makes the batches: the same ones each time.</param>
    /// <param name="batches">The number of batches.</param>
    public double Validate(BatchSource source, int batches)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var latest = _parameters.Master.clone();
        try
        {
            if (_averageExponent is not null)
                Use(_parameters.Ema);
            double sum = 0;
            for (int i = 0; i < batches; i++)
            {
                using var batch = source.Batch(i);
                using var loss = Loss(batch, dropout: null);
                sum += loss.item<float>();
            }
            return sum / batches;
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
    }

    private Tensor Loss(TrainingBatch batch, RowNoise? dropout)
    {
        using var x0 = batch.X0.to(_task.Device, copy: true);
        using var latent = batch.Latent.to(_task.Device, copy: true);
        using var conditions = batch.Conditions?.to(_task.Device, copy: true);
        using var x = _task.Process.Corrupt(x0, latent, batch.Levels);
        using var answer = _denoiser.Answer(x, batch.Levels, new Conditioning(_task.Layout, conditions), dropout);
        return _objective.Loss(answer, x, x0, batch.Levels);
    }

    private void Use(Tensor weights)
    {
        _parameters.Master.copy_(weights);
        _parameters.PublishWeights();
    }
}
