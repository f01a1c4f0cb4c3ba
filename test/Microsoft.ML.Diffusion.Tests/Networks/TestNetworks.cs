using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Networks with conditions and lively outputs for tests.</summary>
internal static class TestNetworks
{
    public static ConditionLayout Layout { get; } = new([new ClassCondition("Class", 10), new VectorCondition("Vector", 3)]);

    /// <summary>A denoiser whose last layer is not zero, as it would be at the start of a training.</summary>
    public static NetworkDenoiser Denoiser(Network network, DataShape shape, bool trainable = false, Precision precision = Precision.Float32, ConditionLayout? layout = null) =>
        new(network, shape, new EdmParameterization(), Parameters(network, shape, trainable, precision, layout), layout ?? Layout);

    public static FlatParameters Parameters(Network network, DataShape shape, bool trainable = false, Precision precision = Precision.Float32, ConditionLayout? layout = null)
    {
        var lively = network.ListParameters(shape, layout ?? Layout).Select(parameter =>
            new NetworkParameter(parameter.Name, [.. parameter.Shape], parameter.Name is "conv_out.weight" or "linear_out.weight" ? Initializer.FanIn(50) : parameter.Initializer));
        return FlatParameters.Create([.. lively], 1, CPU, precision, trainable);
    }

    /// <summary>Noise in which row i is the same in every batch.</summary>
    public static Tensor Rows(DataShape shape, int count, int first = 0) =>
        new RowNoise(3, [.. Enumerable.Range(first, count).Select(row => new RowKey((ulong)row))]).Normal(0, empty(shape.Batch(count)));

    /// <summary>Conditions in which row i is the same in every batch; classes and vectors are missing in some.</summary>
    public static Conditioning Conditions(int count, int first = 0)
    {
        var packed = new float[count * 4];
        for (int row = 0; row < count; row++)
        {
            int key = first + row;
            packed[4 * row] = key % 11;
            for (int i = 1; i < 4; i++)
                packed[4 * row + i] = key % 3 == 1 ? float.NaN : 0.1f * key + i;
        }
        return new Conditioning(Layout, tensor(packed, count, 4));
    }

    public static float[] Values(Tensor x)
    {
        using var host = x.detach().to(ScalarType.Float32).contiguous();
        return host.data<float>().ToArray();
    }

    public static double Distance(Tensor a, Tensor b) => Values(a).Zip(Values(b), (x, y) => Math.Abs((double)x - y)).Max();
}
