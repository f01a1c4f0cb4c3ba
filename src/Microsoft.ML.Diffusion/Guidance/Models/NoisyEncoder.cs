using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>An encoder that was trained on data of every noise level, such as the image side of a noisy CLIP (Nichol et al. 2021, arXiv:2112.10741, section 4.2).</summary>
/// <remarks>Immutable and thread safe but for changes of the parameters.</remarks>
public sealed class NoisyEncoder : IEncoder
{
    /// <summary>An encoder.</summary>
    /// <param name="noisyNetwork">The network, which answers with a vector.</param>
    /// <exception cref="ArgumentException">Its answer is of another shape.</exception>
    public NoisyEncoder(NoisyNetwork noisyNetwork)
    {
        ArgumentNullException.ThrowIfNull(noisyNetwork);
        Size = Network.VectorOf(noisyNetwork.Trained.Network, noisyNetwork.Trained.Shape);
        NoisyNetwork = noisyNetwork;
    }

    /// <summary>The network.</summary>
    public NoisyNetwork NoisyNetwork { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public int Size { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => [NoisyNetwork.Trained];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">x or the levels do not fit the network.</exception>
    public Tensor Embed(Tensor x, NoiseLevels levels) => Embed(x, levels, null);

    internal Tensor Embed(Tensor x, NoiseLevels levels, RowNoise? dropout)
    {
        using var answer = NoisyNetwork.Answer(x, levels, dropout);
        return UnitVectors.Of(answer);
    }
}
