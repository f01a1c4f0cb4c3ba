using System.Text.Json.Serialization;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>A classifier that was trained on noisy data (Dhariwal and Nichol 2021, arXiv:2105.05233, section 4): a network that answers with a logit a class.</summary>
/// <remarks>Immutable and thread safe but for changes of the parameters.</remarks>
public sealed class NoisyClassifier : IClassifier
{
    /// <summary>A classifier.</summary>
    /// <param name="noisyNetwork">The network, which answers with a vector of at least two logits.</param>
    /// <param name="labels">What the classes are, in their order; null where that is not known.</param>
    /// <exception cref="ArgumentException">Its answer is of another shape, or there are more or fewer labels than classes.</exception>
    public NoisyClassifier(NoisyNetwork noisyNetwork, Vocabulary? labels = null)
    {
        ArgumentNullException.ThrowIfNull(noisyNetwork);
        Classes = Network.VectorOf(noisyNetwork.Trained.Network, noisyNetwork.Trained.Shape);
        if (Classes < 2)
            throw new ArgumentException($"{noisyNetwork.Trained.Network.GetType().Name} answers with 1 value, but a classifier has at least two classes.", nameof(noisyNetwork));
        NoisyNetwork = noisyNetwork;
        Labels = ClassLabels.Check(labels, Classes);
    }

    /// <summary>The network.</summary>
    public NoisyNetwork NoisyNetwork { get; }

    /// <inheritdoc/>
    public Vocabulary? Labels { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public int Classes { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => [NoisyNetwork.Trained];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">x or the levels do not fit the network.</exception>
    public Tensor LogProbabilities(Tensor x, NoiseLevels levels)
    {
        using var logits = NoisyNetwork.Answer(x, levels);
        return F.log_softmax(logits, 1);
    }
}
