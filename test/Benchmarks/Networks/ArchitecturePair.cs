using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>An architecture in the library and as plain functions, with the same weights and one batch of samples.</summary>
internal sealed class ArchitecturePair : IDisposable
{
    private readonly Architecture _architecture;
    private readonly NetworkDenoiser _library;
    private readonly PlainNetwork _plain;
    private readonly Tensor _x;
    private readonly Tensor _level;
    private readonly Conditioning _packed;
    private readonly Condition<Tensor>[] _conditions;
    private readonly NoiseLevels _levels = NoiseLevel.FromRatio(0.7);

    public ArchitecturePair(Architecture architecture)
    {
        _architecture = architecture;
        var (_, network, shape, layout, batch) = architecture;
        var parameters = FlatParameters.Create(network.ListParameters(shape, layout), 1, CPU, Precision.Float32, trainable: false);
        FillZeros(parameters);
        _library = new NetworkDenoiser(network, shape, new EdmParameterization(), parameters, layout);
        _plain = new PlainNetwork(network, parameters);
        _x = randn(shape.Batch(batch));
        _level = full(batch, (float)KnownLevelInputs.LogRatio.Of(_levels[0]));
        var rows = new float[batch * layout.Width];
        for (int row = 0; row < batch; row++)
            TrainingData.Fill(rows.AsSpan(row * layout.Width, layout.Width), layout, row);
        _packed = layout.Slots.Count == 0 ? Conditioning.None : new Conditioning(layout, tensor(rows, [batch, layout.Width]));
        _conditions = [.. layout.Slots.Select((slot, i) => Unpack(slot, _packed.Slot(i), batch))];
    }

    public long ParameterCount => _library.Parameters.Count;

    public BaselineTraining TrainPlain(double learningRate)
        => new(_plain.Trained, (x, level) => _plain.Answer(x, level, _conditions), _architecture.Shape.Batch(_architecture.Batch), learningRate);

    public void CallPlain()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        PlainAnswer();
    }

    public void CallLibrary()
    {
        using var noGrad = no_grad();
        using var answer = _library.Answer(_x, _levels, _packed);
    }

    /// <summary>The largest difference between both answers, of the largest answer.</summary>
    /// <exception cref="InvalidOperationException">It is more than rounding.</exception>
    public double Check()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var expected = PlainAnswer();
        double difference = ((_library.Answer(_x, _levels, _packed) - expected).abs().max() / expected.abs().max()).item<float>();
        // Float32 sums in other orders, through some tens of layers.
        return difference < 1e-4 ? difference : throw new InvalidOperationException($"{_architecture.Name}: the plain functions are not the same network: the answers differ by {difference}.");
    }

    public void Dispose()
    {
        _library.Dispose();
        _plain.Dispose();
        foreach (var tensor in _conditions.SelectMany(condition => new[] { condition.Value, condition.Present, condition.Mask }).OfType<Tensor>().Append(_x).Append(_level))
            tensor.Dispose();
        if (_conditions.Length > 0)
            _packed.Packed.Dispose();
    }

    private Tensor PlainAnswer() => _plain.Answer(_x * _library.Parameterization.At(_levels[0]).In, _level, _conditions);

    // Layers that start at zero would hide what lies before them.
    private static void FillZeros(FlatParameters parameters)
    {
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            var values = new float[parameters.Inventory[i].Count];
            parameters.Read(i, values);
            if (values.All(value => value == 0))
                parameters.Write(i, Enumerable.Range(0, values.Length).Select(k => MathF.Sin(k) / 20).ToArray());
        }
        parameters.PublishWeights();
    }

    private static Condition<Tensor> Unpack(ConditionSlot slot, Tensor values, int rows) => slot switch
    {
        ClassCondition => new(slot, values.select(1, 0).to(ScalarType.Int64), ones(rows, 1)),
        SequenceCondition sequence => new(slot, values.reshape(rows, sequence.Tokens, sequence.TokenWidth).clone(), ones(rows, 1), ones(rows, sequence.Tokens)),
        _ => throw new ArgumentException($"No plain form of {slot}.", nameof(slot)),
    };
}
