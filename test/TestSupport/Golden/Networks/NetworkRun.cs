using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Runs an architecture with given weights on raw inputs: what the network is told about the level is a number, not a level.</summary>
public sealed class NetworkRun : IDisposable
{
    private readonly FlatParameters _parameters;
    private readonly NetworkTables _sinusoids = new(CPU);
    private readonly long _terms;

    /// <summary>Weights for an inventory, in the names of the file.</summary>
    public NetworkRun(NetworkGolden golden, IReadOnlyList<NetworkParameter> inventory, WeightMap? map = null)
    {
        _terms = golden.Terms;
        using var weights = golden.OpenWeights();
        _parameters = SafetensorsParameters.Load(weights, inventory, CPU, Precision.Float32, trainable: true, map);
    }

    /// <summary>Weights for a denoising network, in the names of the file.</summary>
    public NetworkRun(NetworkGolden golden, Network network, IReadOnlyList<int> batch, ConditionLayout conditions)
        : this(golden, Trace(network, batch, conditions).Parameters)
    {
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<NetworkParameter> Inventory => _parameters.Inventory;

    /// <summary>The answer of a denoising network, computed as in training; throws where sampling answers otherwise.</summary>
    /// <param name="network">The architecture.</param>
    /// <param name="x">[B, ...].</param>
    /// <param name="level">[B].</param>
    /// <param name="conditions">What the packed numbers are.</param>
    /// <param name="packed">The conditions [B, width]; null where there are none.</param>
    public Tensor Answer(Network network, Tensor x, Tensor level, ConditionLayout conditions, Tensor? packed = null)
    {
        int[] sizes = [.. x.shape.Select(size => (int)size)];
        var program = Trace(network, sizes, conditions);
        return Answer(program, ops => network.Forward(
            ops, TorchOps.Input(x), TorchOps.Input(level), new ConditionReader(conditions, CPU).Read(new Conditioning(conditions, packed), sizes[0])));
    }

    /// <summary>The result of any computation over the vocabulary, traced before.</summary>
    internal Tensor Answer(NetworkProgram program, Func<TorchOps, TorchValue> run)
    {
        var trained = Run(program, run);
        using var noGrad = no_grad();
        using var sampled = Run(program, run);
        using var first = trained.detach().to(ScalarType.Float32);
        using var second = sampled.to(ScalarType.Float32);
        using var error = (first - second).abs().max();
        using var largest = first.abs().max();
        // The same sums in another order.
        float difference = error.item<float>(), scale = Math.Max(1, largest.item<float>());
        if (!(difference <= Float32Tolerance.OfSums(_terms, scale)))
            throw new InvalidOperationException($"Training and sampling answer differently: by {difference} of {scale}.");
        return trained;
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _sinusoids.Dispose();
    }

    // Answers may have another number of channels than x.
    private static NetworkProgram Trace(Network network, IReadOnlyList<int> batch, ConditionLayout conditions) => NetworkProgram.Trace(ops => network.Forward(
        ops, ShapeOps.Input(ValueKind.Full, [.. batch]), ShapeOps.Input(ValueKind.Full, batch[0]), [.. conditions.Slots.Select(slot => NetworkProgram.ConditionOf(slot, batch[0]))]));

    private Tensor Run(NetworkProgram program, Func<TorchOps, TorchValue> run)
    {
        using var scope = NewDisposeScope();
        var ops = new TorchOps(program, _parameters, _sinusoids, null);
        return ops.Finish(run(ops)).MoveToOuterDisposeScope();
    }
}
