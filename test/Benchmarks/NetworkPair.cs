using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// The library's network and the same network as plain modules, with the same weights: 28×28 pictures of one channel, ten classes.
/// </summary>
internal sealed class NetworkPair : IDisposable
{
    public const int Classes = 10;

    public NetworkPair(Precision precision, bool trainable)
    {
        Layout = new ConditionLayout([new ClassCondition("Label", Classes)]);
        Shape = new DataShape(1, 28, 28);
        var parameters = FlatParameters.Create(Network.ListParameters(Shape, Layout), 1, CPU, precision, trainable);
        Library = new NetworkDenoiser(Network, Shape, new EdmParameterization(), parameters, Layout);
        Baseline = new BaselineUNet(Network, 1, Classes);
        CopyWeights(parameters);
    }

    /// <summary>About 1.7 million parameters: two blocks a level, attention at the smallest size, full resolution.</summary>
    public static UNet Network { get; } = new() { BlocksPerLevel = 2, AttentionFactors = [4] };

    public DataShape Shape { get; }

    public ConditionLayout Layout { get; }

    public NetworkDenoiser Library { get; }

    public BaselineUNet Baseline { get; }

    /// <summary>A batch of noisy pictures.</summary>
    public Tensor Pictures(int batch) => randn(Shape.Batch(batch));

    /// <summary>The classes of a batch, packed as the library takes them.</summary>
    public static Tensor Labels(int batch) => tensor(Enumerable.Range(0, batch).Select(i => (float)(1 + i % Classes)).ToArray(), [batch, 1]);

    /// <summary>Training of the plain modules.</summary>
    public BaselineTraining TrainBaseline(int batch, double learningRate)
    {
        var labels = Labels(batch).select(1, 0).to(ScalarType.Int64);
        return new BaselineTraining(Baseline.parameters(), (x, level) => Baseline.call(x, level, labels), Shape.Batch(batch), learningRate);
    }

    public void Dispose()
    {
        Library.Dispose();
        Baseline.Dispose();
    }

    // Weights of the library's network, some noise in the zero-initialised last layer, so that both answers can be compared.
    private void CopyWeights(FlatParameters parameters)
    {
        using var noGrad = no_grad();
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            var info = parameters.Inventory[i];
            var target = Baseline.Named[info.Name];
            var values = new float[info.Count];
            if (info.Name == "conv_out.weight")
                parameters.Write(i, Enumerable.Range(0, values.Length).Select(k => MathF.Sin(k) / 10).ToArray());
            parameters.Read(i, values);
            using var source = tensor(values, [.. info.Shape]);
            target.copy_(source);
        }
        parameters.PublishWeights();
        if (Baseline.Named.Count != parameters.Inventory.Count)
            throw new InvalidOperationException($"The baseline has {Baseline.Named.Count} parameters, the library's network {parameters.Inventory.Count}.");
        Console.WriteLine($"  {parameters.Count:N0} parameters in {parameters.Inventory.Count} tensors, {parameters.Precision}");
    }
}
