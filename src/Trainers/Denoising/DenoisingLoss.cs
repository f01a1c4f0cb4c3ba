using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What an objective asks of a denoiser that learns.</summary>
/// <param name="task">What is to be trained.</param>
/// <param name="options">How.</param>
/// <param name="parameters">The parameters, which this takes over.</param>
/// <param name="target">Answers as the target of the objective; null where the weights themselves do. Stays the caller's.</param>
internal sealed class DenoisingLoss(DenoisingTask task, DenoiserTrainer.Options options, FlatParameters parameters, NetworkDenoiser? target) : IBatchLoss
{
    /// <inheritdoc/>
    public FlatParameters Parameters => parameters;

    /// <summary>The denoiser with the weights as they are.</summary>
    public NetworkDenoiser Denoiser { get; } = task.Bind(parameters);

    /// <inheritdoc/>
    public Tensor LossOfRows(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction) => options.Objective.LossOfRows(Ask(batch, levels, dropout, fraction));

    /// <inheritdoc/>
    public Tensor Loss(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction) => options.Objective.Loss(Ask(batch, levels, dropout, fraction));

    /// <inheritdoc/>
    public void Dispose() => Denoiser.Dispose();

    private ObjectiveBatch Ask(TrainingBatch batch, NoiseLevels levels, RowNoise? dropout, double fraction)
    {
        var conditioning = new Conditioning(task.Layout, batch.Conditions);
        return new ObjectiveBatch
        {
            X0 = batch.X0,
            Latent = batch.Latent,
            Levels = levels,
            Process = task.Process,
            Parameterization = task.Parameterization,
            Weight = options.LossWeight,
            Fraction = fraction,
            Network = Answer,
            Target = (x, at) => Still(() => (target ?? Denoiser).Answer(x, at, conditioning, dropout)),
            Teacher = task.Teacher is { } teacher ? (x, at) => Still(() => Estimate(teacher.Denoiser.Denoise(x, new StepContext(at), conditioning))) : null,
        };

        Tensor Answer(Tensor x, NoiseLevels at)
        {
            using var estimate = batch.Estimates && task.Network.SelfConditions ? OwnEstimate(x, at, conditioning, dropout) : null;
            return Denoiser.Answer(x, at, conditioning, dropout, estimate);
        }
    }

    // A network's own estimate, where it takes one, for half of all batches (Chen et al. 2022, arXiv:2208.04202, Algorithm 1).
    private Tensor OwnEstimate(Tensor x, NoiseLevels at, Conditioning conditioning, RowNoise? dropout) => Still(() =>
    {
        using var answer = Denoiser.Answer(x, at, conditioning, dropout);
        using var mean = answer.narrow(1, 0, x.size(1));
        return task.Parameterization.Denoise(x, mean, at);
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
