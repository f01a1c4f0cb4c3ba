using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A trained network as a denoiser: D(x) = skip·x + out·F(in·x) with the coefficients of a parameterization (Karras et al. 2022, arXiv:2206.00364, eq. 7). The network
/// is told the noise level as a number, its <see cref="LevelInput"/>.
/// </summary>
/// <remarks>
/// Owns its parameters. Thread safe but for changes of the parameters. Where no gradient is recorded the network runs in place and
/// releases early; else gradients flow to x and to trainable parameters. The network computes in its own precision; x̂0 has the type
/// of x.
/// </remarks>
public sealed class NetworkDenoiser : IDenoiser, IDisposable
{
    private readonly NetworkTables _tables;
    private readonly ConditionReader _conditions;
    private readonly ConcurrentDictionary<int, NetworkProgram> _programs = new();

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
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parameterization);
        ArgumentNullException.ThrowIfNull(parameters);
        var expected = network.ListParameters(shape, conditions);
        network.RequireDenoiser(shape);
        if (network.NeedsFloat32 && parameters.Precision != Precision.Float32)
            throw new ArgumentException($"{network.GetType().Name} computes in Float32 alone, got parameters in {parameters.Precision}.", nameof(parameters));
        if (NetworkSlots.Of(conditions).Count != conditions.Slots.Count)
            throw new ArgumentException($"A network takes conditions alone; the layout has guidance inputs: {string.Join(", ", conditions.Slots)}.", nameof(conditions));
        if (!expected.Select(parameter => parameter.ToString()).SequenceEqual(parameters.Inventory.Select(parameter => parameter.ToString())))
            throw new ArgumentException($"The parameters are not those of the network: expected {expected.Count} from {expected[0]} to {expected[^1]}, got {parameters.Inventory.Count}.", nameof(parameters));
        Network = network;
        Shape = shape;
        Parameterization = parameterization;
        Parameters = parameters;
        Conditions = conditions;
        LevelInput = levelInput ?? KnownLevelInputs.LogRatio;
        _conditions = new ConditionReader(conditions, parameters.Device);
        _tables = new NetworkTables(parameters.Device);
    }

    /// <summary>The architecture.</summary>
    public Network Network { get; }

    /// <summary>The shape of a sample.</summary>
    public DataShape Shape { get; }

    /// <summary>What the network predicts.</summary>
    public Parameterization Parameterization { get; }

    /// <summary>The parameters, owned by this denoiser.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>The conditions of the network.</summary>
    public ConditionLayout Conditions { get; }

    /// <summary>What the network is told about the noise level.</summary>
    public LevelInput LevelInput { get; }

    /// <inheritdoc/>
    public bool TakesPrevious => Network.SelfConditions;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">x, levels or conditions do not fit the network, or a class is out of range.</exception>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        using var answer = Answer(x, step.Level, condition, previous: step.Previous);
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
    /// <returns>F [B, ...], Float32, a fresh tensor that the caller owns; behind its channels those of v, where the network learns the variance.</returns>
    /// <exception cref="ArgumentException">x, levels or conditions do not fit the network, or a class is out of range.</exception>
    public Tensor Answer(Tensor x, NoiseLevels levels, Conditioning condition, RowNoise? dropout = null, Tensor? previous = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(levels);
        ArgumentNullException.ThrowIfNull(condition);
        int rows = CheckBatch(x, levels);
        var program = _programs.GetOrAdd(rows, count => NetworkProgram.Trace(Network, [count, .. Shape.Dimensions], Conditions.Slots));
        using var scope = NewDisposeScope();
        var conditions = _conditions.Read(condition, rows);
        var level = LevelInputs(levels, rows);
        var scaled = levels.Multiply(x, at => Parameterization.At(at).In).to(ScalarType.Float32);
        if (Network.SelfConditions)
            scaled = WithEstimate(scaled, previous);
        var ops = new TorchOps(program, Parameters, _tables, dropout);
        var answer = Network.Forward(ops, TorchOps.Input(scaled), TorchOps.Input(level), conditions);
        return ops.Finish(answer).MoveToOuterDisposeScope();
    }

    /// <summary>Releases the parameters.</summary>
    public void Dispose()
    {
        Parameters.Dispose();
        _tables.Dispose();
    }

    private static Tensor WithEstimate(Tensor scaled, Tensor? previous)
    {
        if (previous is null)
            return cat([scaled, zeros_like(scaled)], 1);
        if (!previous.shape.AsSpan().SequenceEqual(scaled.shape))
            throw new ArgumentException($"The estimate before is [{string.Join(", ", previous.shape)}]; expected the shape of x, [{string.Join(", ", scaled.shape)}].", nameof(previous));
        return cat([scaled, previous.to(ScalarType.Float32)], 1);
    }

    private int CheckBatch(Tensor x, NoiseLevels levels)
    {
        var sizes = Shape.Dimensions;
        bool fits = x.dim() == sizes.Count + 1 && x.size(0) > 0;
        for (int i = 0; fits && i < sizes.Count; i++)
            fits = x.size(i + 1) == sizes[i];
        if (!fits)
            throw new ArgumentException($"The network takes batches of samples {Shape}, got [{string.Join(", ", x.shape)}].", nameof(x));
        if (x.device_type != Parameters.Device.type || !x.is_floating_point())
            throw new ArgumentException($"The network takes real numbers on {Parameters.Device}, got {x.dtype} on {x.device}.", nameof(x));
        int rows = (int)x.size(0);
        if (levels.Count != 1 && levels.Count != rows)
            throw new ArgumentException($"The batch has {rows} rows but {levels.Count} noise levels.", nameof(levels));
        return rows;
    }

    private Tensor LevelInputs(NoiseLevels levels, int rows)
    {
        var values = new float[rows];
        for (int row = 0; row < rows; row++)
            values[row] = (float)LevelInput.Of(levels[row]);
        return Parameters.Device.type == DeviceType.CPU ? tensor(values) : tensor(values, device: Parameters.Device);
    }
}
