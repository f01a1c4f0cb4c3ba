using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A condition encoder with its weights, such as the text side of CLIP: maps rows of conditions to vectors in the space of an <see cref="IEncoder"/>.</summary>
/// <remarks>Immutable and thread safe but for changes of the parameters. Holds a share of the network, which whoever made it gives back.</remarks>
public sealed class TrainedConditionEncoder
{
    private static readonly DataShape s_nothing = new(1);

    /// <summary>An encoder.</summary>
    /// <param name="trained">The network, which looks at conditions alone, and at samples of one number for the sake of form.</param>
    /// <exception cref="ArgumentException">The network takes samples, or no conditions.</exception>
    [JsonConstructor]
    public TrainedConditionEncoder(TrainedNetwork trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        if (!trained.Shape.Equals(s_nothing) || trained.Conditions.Slots.Count == 0)
            throw new ArgumentException($"Expected a network of conditions, got {trained.Network.GetType().Name} for samples {trained.Shape} with {trained.Conditions.Slots.Count} conditions.", nameof(trained));
        Size = Network.VectorOf(trained.Network, trained.Shape);
        Trained = trained;
    }

    /// <summary>The network, of which this holds a share.</summary>
    public TrainedNetwork Trained { get; }

    /// <summary>The length of the vectors.</summary>
    [JsonIgnore]
    public int Size { get; }

    /// <summary>What the numbers of a row of conditions are.</summary>
    [JsonIgnore]
    public ConditionLayout Layout => Trained.Conditions;

    /// <summary>The vectors of a batch.</summary>
    /// <param name="condition">The conditions of each row, of the <see cref="Layout"/>.</param>
    /// <returns>Vectors [B, <see cref="Size"/>] of length 1, Float32, a fresh tensor through which gradients flow to trainable parameters where they are recorded.</returns>
    /// <exception cref="ArgumentException">The conditions are others, or a class is out of range.</exception>
    public Tensor Embed(Conditioning condition) => Embed(condition, null);

    internal Tensor Embed(Conditioning condition, RowNoise? dropout)
    {
        ArgumentNullException.ThrowIfNull(condition);
        int rows = (int)condition.Packed.size(0);
        using var nothing = zeros([rows, 1], ScalarType.Float32, Trained.Parameters.Device);
        using var answer = Trained.Answer(nothing, new float[rows], condition, dropout);
        return UnitVectors.Of(answer);
    }

    /// <summary>The shape of the samples that its network is asked with.</summary>
    internal static DataShape NoSample => s_nothing;
}
