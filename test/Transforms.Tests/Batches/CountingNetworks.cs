using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Three classes, whose scores hang on the row alone, or on the number of rows too.</summary>
internal sealed class CountingClassifier(bool dependsOnRows) : IClassifier
{
    public List<long> Counts { get; } = [];

    public int Classes => 3;

    public Tensor LogProbabilities(Tensor x, NoiseLevels levels)
    {
        Counts.Add(x.size(0));
        using var three = x.narrow(1, 0, 3);
        using var scaled = three.mul(dependsOnRows ? 0.5 + 0.01 * x.size(0) : 0.5);
        return scaled.log_softmax(1);
    }
}

/// <summary>The rows themselves, scaled to length 1, and then by the number of rows if asked for.</summary>
internal sealed class CountingEncoder(bool dependsOnRows) : IEncoder
{
    public List<long> Counts { get; } = [];

    public int Size => 4;

    public Tensor Embed(Tensor x, NoiseLevels levels)
    {
        Counts.Add(x.size(0));
        using var shifted = x.add(dependsOnRows ? 0.01 * x.size(0) : 0);
        return nn.functional.normalize(shifted);
    }
}

/// <summary>The vector of a condition, and a number for the number of rows if asked for.</summary>
internal sealed class CountingNetwork(bool dependsOnRows) : Network
{
    public List<long> Counts { get; } = [];

    public override void Validate(DataShape shape)
    {
    }

    public override DataShape AnswerShape(DataShape shape) => new(4);

    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        int rows = ops.Size(x, 0);
        Counts.Add(rows);
        // x is zeros: a bias.
        var bias = ops.ToFloat32(ops.Linear(ops.ToWorking(x), "bias", 4));
        return ops.Add(bias, ops.Scale(conditions[0].Value, 1, dependsOnRows ? 0.01 * rows : 0));
    }
}

/// <summary>Pictures of one channel whose latents are four numbers for two by two pixels.</summary>
internal sealed class CountingAutoencoder : Autoencoder
{
    private readonly bool _dependsOnRows;

    public CountingAutoencoder(bool dependsOnRows)
    {
        _dependsOnRows = dependsOnRows;
        (Channels, Groups, LatentChannels) = ([8], 4, 1);
    }

    public List<long> Counts { get; } = [];

    public override T Encode<T>(IOps<T> ops, T x) => ops.ToFloat32(ops.Conv2d(ops.ToWorking(x), "encoder", 1, 3));

    public override T Latents<T>(IOps<T> ops, T encoded) => encoded;

    public override T Decode<T>(IOps<T> ops, T latents, int channels)
    {
        int rows = ops.Size(latents, 0);
        Counts.Add(rows);
        return ops.Scale(latents, 1, _dependsOnRows ? 0.01 * rows : 0);
    }
}
