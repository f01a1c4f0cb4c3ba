using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A network with its weights: what denoisers, classifiers and encoders ask.</summary>
/// <remarks>
/// Owns its parameters and is counted: each user holds a share, and the last one to give it back frees them. Thread safe but for changes of the parameters. Where no gradient is recorded the
/// network runs in place and releases early; else gradients flow to the input and to trainable parameters.
/// </remarks>
[JsonConverter(typeof(WeightlessNetworkConverter))]
public sealed class TrainedNetwork : IDisposable
{
    private readonly NetworkTables _tables;
    private readonly ConditionReader _reader;
    private readonly ConcurrentDictionary<int, NetworkProgram> _programs = new();
    private readonly Shares _shares;
    private readonly Lazy<FlatParameters> _narrow;
    private readonly DividedAnswers? _divided;

    /// <summary>A network and its parameters.</summary>
    /// <param name="network">The architecture.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="conditions">The conditions of the network, without inputs of guidance.</param>
    /// <param name="parameters">The parameters, of <see cref="Network.ListParameters"/>, which this takes over.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other; says which.</exception>
    public TrainedNetwork(Network network, DataShape shape, ConditionLayout conditions, FlatParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parameters);
        var expected = network.ListParameters(shape, conditions);
        if (network.NeedsFloat32 && parameters.Precision != Precision.Float32)
            throw new ArgumentException($"{network.GetType().Name} computes in Float32 alone, got parameters in {parameters.Precision}.", nameof(parameters));
        if (NetworkSlots.Of(conditions).Count != conditions.Slots.Count)
            throw new ArgumentException($"A network takes conditions alone; the layout has guidance inputs: {string.Join(", ", conditions.Slots)}.", nameof(conditions));
        if (!expected.Select(parameter => parameter.ToString()).SequenceEqual(parameters.Inventory.Select(parameter => parameter.ToString())))
            throw new ArgumentException($"The parameters are not those of the network: expected {expected.Count} from {expected[0]} to {expected[^1]}, got {parameters.Inventory.Count}.", nameof(parameters));
        Network = network;
        Shape = shape;
        Conditions = conditions;
        Parameters = parameters;
        _reader = new ConditionReader(conditions, parameters.Device);
        _tables = new NetworkTables(parameters.Device);
        _divided = parameters.Device.type == DeviceType.CPU && OperationThreads.AreOwn && !network.MixesRows ? new DividedAnswers(parameters.Count) : null;
        _narrow = new Lazy<FlatParameters>(() => parameters.Snapshot(ema: false, Precision.BFloat16));
        _shares = new Shares(Release, nameof(TrainedNetwork), "The network was disposed. Whoever goes on using a network that others may dispose takes a share of it.");
    }

    /// <summary>The architecture.</summary>
    public Network Network { get; }

    /// <summary>The shape of a sample.</summary>
    public DataShape Shape { get; }

    /// <summary>The conditions of the network.</summary>
    public ConditionLayout Conditions { get; }

    /// <summary>The parameters, owned by this network.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>Takes a share, to be given back by <see cref="Dispose"/>.</summary>
    /// <returns>This network.</returns>
    /// <exception cref="ObjectDisposedException">The last share was given back.</exception>
    public TrainedNetwork Share()
    {
        _shares.Take();
        return this;
    }

    /// <summary>The network's answer.</summary>
    /// <param name="input">The input [B, ...] of samples of <see cref="Shape"/>, scaled as the network is used to.</param>
    /// <param name="level">What the network is told about the noise level of each row.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <param name="dropout">The rows' noise for dropout, from draws below zero; null for no dropout. A training step takes row keys of its own.</param>
    /// <param name="previous">An earlier estimate x̂0 [B, ...], for networks that take it (<see cref="Network.SelfConditions"/>); zeros where null.</param>
    /// <param name="precision">In which precision to compute; that of the parameters where null. A copy of the parameters is made once for another one.</param>
    /// <returns>The answer [B, ...] of the network's <see cref="Network.AnswerShape"/>, Float32, a fresh tensor that the caller owns.</returns>
    /// <exception cref="ArgumentException">The input or the conditions do not fit the network, or a class is out of range.</exception>
    public Tensor Answer(Tensor input, ReadOnlySpan<float> level, Conditioning condition, RowNoise? dropout = null, Tensor? previous = null, Precision? precision = null)
    {
        int rows = CheckBatch(input);
        ArgumentNullException.ThrowIfNull(condition);
        if (level.Length != rows)
            throw new ArgumentException($"The batch has {Plural.Of(rows, "row")} but {Plural.Of(level.Length, "noise level")}.", nameof(level));
        using var share = Share();
        var numbers = level.ToArray();
        var chosen = precision ?? Parameters.Precision;
        if (_divided is null || dropout is not null || is_grad_enabled())
            return AnswerWhole(input, numbers, condition, dropout, previous, chosen);
        return _divided.Answer(rows, ProgramOf(rows), chosen, (first, count) =>
        {
            using var scope = NewDisposeScope();
            return AnswerWhole(
                input.narrow(0, first, count), numbers[first..(first + count)], condition.Rows(first, count), dropout: null, previous?.narrow(0, first, count), chosen).MoveToOuterDisposeScope();
        });
    }

    /// <summary>As <see cref="Answer"/>, unchecked, with operations that all threads share.</summary>
    internal Tensor AnswerWhole(Tensor input, float[] level, Conditioning condition, RowNoise? dropout, Tensor? previous, Precision precision)
    {
        int rows = level.Length;
        using var scope = NewDisposeScope();
        var conditions = _reader.Read(condition, rows);
        var levels = tensor(level, device: Parameters.Device);
        var x = input.to(ScalarType.Float32);
        if (Network.SelfConditions)
            x = WithEstimate(x, previous);
        var pictures = conditions.Where(each => each.Slot is PictureCondition).ToArray();
        if (pictures.Length > 0)
            x = cat([x, .. pictures.Select(picture => picture.Value.Tensor)], 1);
        var ops = new TorchOps(ProgramOf(rows), ParametersIn(precision), _tables, dropout);
        var answer = Network.Forward(ops, TorchOps.Input(x), TorchOps.Input(levels), [.. conditions.Where(each => each.Slot is not PictureCondition)]);
        return ops.Finish(answer).MoveToOuterDisposeScope();
    }

    private NetworkProgram ProgramOf(int rows) => _programs.GetOrAdd(rows, count => NetworkProgram.Trace(Network, [count, .. Shape.Dimensions], Conditions.Slots));

    /// <summary>Refuses a batch that the network can not take.</summary>
    /// <param name="x">The batch.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">It is of another shape or on another device.</exception>
    internal int CheckBatch(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var sizes = Shape.Dimensions;
        bool fits = x.dim() == sizes.Count + 1 && x.size(0) > 0;
        for (int i = 0; fits && i < sizes.Count; i++)
            fits = x.size(i + 1) == sizes[i];
        if (!fits)
            throw new ArgumentException($"The network takes batches of samples {Shape}, got [{string.Join(", ", x.shape)}].", nameof(x));
        if (x.device_type != Parameters.Device.type || !x.is_floating_point())
            throw new ArgumentException($"The network takes real numbers on {Parameters.Device}, got {x.dtype} on {x.device}.", nameof(x));
        return (int)x.size(0);
    }

    /// <summary>Refuses a batch that the network can not take, or levels that are not those of its rows.</summary>
    /// <param name="x">The batch.</param>
    /// <param name="levels">The level of each row.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">It is of another shape or on another device, or has another number of rows.</exception>
    internal int CheckBatch(Tensor x, NoiseLevels levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        int rows = CheckBatch(x);
        return levels.Count == 1 || levels.Count == rows
            ? rows
            : throw new ArgumentException($"The batch has {Plural.Of(rows, "row")} but {Plural.Of(levels.Count, "noise level")}.", nameof(levels));
    }

    /// <summary>Gives a share back; the last one frees the parameters.</summary>
    public void Dispose() => _shares.GiveBack();

    private static Tensor WithEstimate(Tensor x, Tensor? previous)
    {
        if (previous is null)
            return cat([x, zeros_like(x)], 1);
        if (!previous.shape.AsSpan().SequenceEqual(x.shape))
            throw new ArgumentException($"The estimate before is [{string.Join(", ", previous.shape)}]; expected the shape of x, [{string.Join(", ", x.shape)}].", nameof(previous));
        return cat([x, previous.to(ScalarType.Float32)], 1);
    }

    private FlatParameters ParametersIn(Precision precision)
    {
        if (precision == Parameters.Precision)
            return Parameters;
        if (Network.NeedsFloat32)
            throw new ArgumentException($"{Network.GetType().Name} computes in Float32 alone, not in {precision}.", nameof(precision));
        return precision == Precision.BFloat16
            ? _narrow.Value
            : throw new ArgumentException($"Parameters in {Parameters.Precision} can not be used in {precision}.", nameof(precision));
    }

    private void Release()
    {
        if (_narrow.IsValueCreated)
            _narrow.Value.Dispose();
        Parameters.Dispose();
        _tables.Dispose();
    }
}
