using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A batch of training as an objective sees it, and the network that it asks. Does not own its tensors.</summary>
public sealed class ObjectiveBatch
{
    /// <summary>The clean batch x0 [B, ...].</summary>
    public required Tensor X0 { get; init; }

    /// <summary>What the forward process corrupts it with: ε [B, ...] for Gaussian noise.</summary>
    public required Tensor Latent { get; init; }

    /// <summary>The level of each row that was drawn.</summary>
    public required NoiseLevels Levels { get; init; }

    /// <summary>The forward process.</summary>
    public required IForwardProcess Process { get; init; }

    /// <summary>What the network predicts.</summary>
    public required Parameterization Parameterization { get; init; }

    /// <summary>How much each level counts.</summary>
    public LossWeight Weight { get; init; } = KnownLossWeights.Uniform;

    /// <summary>
    /// The network that is trained, with the rows' conditions: its raw answer F [B, ...] to the input in·x for x [B, ...] and the level of each row, through which gradients flow; a fresh
    /// tensor. Where the network learns the variance, v follows in as many channels more.
    /// </summary>
    public required Func<Tensor, NoiseLevels, Tensor> Network { get; init; }

    /// <summary>
    /// The network as a target, through which no gradient flows: the same weights, or an average of them where the objective has one (<see cref="Objective.TargetDecayAt"/>), with the same dropout.
    /// <see cref="Network"/> unless given.
    /// </summary>
    public Func<Tensor, NoiseLevels, Tensor> Target
    {
        get => field ?? Network;
        init;
    }

    /// <summary>x̂0 of a model that is trained already, with the rows' conditions, for x [B, ...] and the level of each row: a fresh tensor. Null where there is none.</summary>
    public Func<Tensor, NoiseLevels, Tensor>? Teacher { get; init; }

    /// <summary>How much of the run is done, in [0, 1].</summary>
    public double Fraction { get; init; }

    /// <summary>The batch at other levels: a fresh tensor.</summary>
    /// <param name="levels">The level of each row.</param>
    public Tensor Corrupt(NoiseLevels levels) => Process.Corrupt(X0, Latent, levels);
}
