using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A trained network as a denoiser: D(x) = skip·x + out·F(in·x) with the coefficients of a parameterization (Karras et al. 2022, arXiv:2206.00364, eq. 7). The network
/// is told the noise level as a number, its <see cref="LevelInput"/>.
/// </summary>
/// <remarks>
/// Holds a share of its network. Thread safe but for changes of the parameters. Where no gradient is recorded the network runs in place and
/// releases early; else gradients flow to x and to trainable parameters. The network computes in its own precision; x̂0 has the type
/// of x.
/// </remarks>
public sealed class NetworkDenoiser : IDenoiser, IDisposable
{
    /// <summary>A denoiser of a network and its parameters.</summary>
    /// <param name="network">The architecture.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="parameterization">What the network predicts.</param>
    /// <param name="parameters">The parameters, of <see cref="Network.ListParameters"/>; the denoiser disposes them.</param>
    /// <param name="conditions">The conditions of the network, without inputs of guidance.</param>
    /// <param name="levelInput">What the network is told about the noise level; <see cref="KnownLevelInputs.LogRatio"/> where null.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other; says which.</exception>
    public NetworkDenoiser(
        Network network, DataShape shape, Parameterization parameterization, FlatParameters parameters, ConditionLayout conditions, LevelInput? levelInput = null)
        : this(new TrainedNetwork(network, shape, conditions, parameters), parameterization, levelInput)
    {
    }

    /// <summary>A denoiser of a network.</summary>
    /// <param name="trained">The network, of which this takes over a share.</param>
    /// <param name="parameterization">What it predicts.</param>
    /// <param name="levelInput">What it is told about the noise level; <see cref="KnownLevelInputs.LogRatio"/> where null.</param>
    /// <exception cref="ArgumentException">The network does not answer as a denoiser must.</exception>
    [JsonConstructor]
    public NetworkDenoiser(TrainedNetwork trained, Parameterization parameterization, LevelInput? levelInput = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(parameterization);
        trained.Network.RequireDenoiser(trained.Shape);
        Trained = trained;
        Parameterization = parameterization;
        LevelInput = levelInput ?? KnownLevelInputs.LogRatio;
    }

    /// <summary>The network with its parameters, of which this denoiser holds a share.</summary>
    public TrainedNetwork Trained { get; }

    /// <summary>What the network predicts.</summary>
    public Parameterization Parameterization { get; }

    /// <summary>What the network is told about the noise level.</summary>
    public LevelInput LevelInput { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => [Trained];

    /// <summary>The architecture.</summary>
    [JsonIgnore]
    public Network Network => Trained.Network;

    /// <summary>The shape of a sample.</summary>
    [JsonIgnore]
    public DataShape Shape => Trained.Shape;

    /// <summary>The parameters, owned by the network.</summary>
    [JsonIgnore]
    public FlatParameters Parameters => Trained.Parameters;

    /// <summary>The conditions of the network.</summary>
    [JsonIgnore]
    public ConditionLayout Conditions => Trained.Conditions;

    /// <inheritdoc/>
    [JsonIgnore]
    public bool TakesPrevious => Network.SelfConditions;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">x, levels or conditions do not fit the network, or a class is out of range.</exception>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        using var answer = Answer(x, step.Level, condition, previous: step.Previous, precision: step.Precision);
        using var cast = answer.to(x.dtype);
        if (!Network.LearnsVariance)
            return new Denoised(Parameterization.Denoise(x, cast, step.Level));
        using var mean = cast.narrow(1, 0, x.size(1));
        using var place = cast.narrow(1, x.size(1), x.size(1));
        return new Denoised(Parameterization.Denoise(x, mean, step.Level), VarianceRange.LogVariance(place, step));
    }

    /// <summary>The network's raw answer F(in·x), which the parameterization's target is compared with in training.</summary>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="levels">The noise level of each row.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <param name="dropout">
    /// The rows' noise for dropout, from draws below zero; null for no dropout. A training step takes row keys of its own.
    /// </param>
    /// <param name="previous">An earlier estimate x̂0 [B, ...], for networks that take it (<see cref="Network.SelfConditions"/>); zeros where null.</param>
    /// <param name="precision">In which precision the network computes; that of its weights where null.</param>
    /// <returns>F [B, ...], Float32, a fresh tensor that the caller owns; behind its channels those of v, where the network learns the variance.</returns>
    /// <exception cref="ArgumentException">x, levels or conditions do not fit the network, or a class is out of range.</exception>
    public Tensor Answer(Tensor x, NoiseLevels levels, Conditioning condition, RowNoise? dropout = null, Tensor? previous = null, Precision? precision = null)
    {
        int rows = Trained.CheckBatch(x, levels);
        using var scaled = levels.Multiply(x, at => Parameterization.At(at).In);
        return Trained.Answer(scaled, LevelInput.OfRows(levels, rows), condition, dropout, previous, precision);
    }

    /// <summary>Gives the share of the network back.</summary>
    public void Dispose() => Trained.Dispose();
}
