using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A network with a text encoder in front, trained together: each condition of tokens reaches the network as a sequence of states, where it attends to sequences
/// (<see cref="Network.AttendsToSequences"/>; Rombach et al. 2022, arXiv:2112.10752, section 3.3), and else as one vector.
/// </summary>
/// <remarks>The parameters of the network keep their names; those of the encoder start with <c>text_encoder</c> and the number of the condition. Immutable and thread safe.</remarks>
public sealed class TextConditionedNetwork : Network
{
    /// <summary>A network with an encoder.</summary>
    /// <param name="network">The network behind the encoder.</param>
    /// <param name="encoder">The encoder; each condition of tokens has one like this of its own.</param>
    /// <exception cref="ArgumentException">The network reads tokens itself.</exception>
    [JsonConstructor]
    public TextConditionedNetwork(Network network, TokenEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(encoder);
        if (network.ReadsTokens)
            throw new ArgumentException($"{network.GetType().Name} reads tokens itself, and needs no encoder in front.", nameof(network));
        Network = network;
        Encoder = encoder;
    }

    /// <summary>The network behind the encoder.</summary>
    public Network Network { get; }

    /// <summary>The encoder.</summary>
    public TokenEncoder Encoder { get; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => Network.LearnsVariance;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool SelfConditions => Network.SelfConditions;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsFloat32 => Network.NeedsFloat32;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool MixesRows => Network.MixesRows;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool AttendsToSequences => Network.AttendsToSequences;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool ReadsTokens => true;

    /// <inheritdoc/>
    public override void Validate(DataShape shape) => Network.Validate(shape);

    /// <inheritdoc/>
    public override LevelInput DefaultLevelInput(NoiseSchedule schedule) => Network.DefaultLevelInput(schedule);

    /// <inheritdoc/>
    public override DataShape AnswerShape(DataShape shape) => Network.AnswerShape(shape);

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        return Network.Forward(ops, x, level, [.. conditions.Select((condition, i) => condition.Slot is TokensCondition ? Encoded(ops, condition, FormattableString.Invariant($"text_encoder.{i}")) : condition)]);
    }

    private Condition<T> Encoded<T>(IOps<T> ops, Condition<T> condition, string name)
    {
        var (slot, states) = ((TokensCondition)condition.Slot, Encoder.Encode(ops, condition, name));
        return Network.AttendsToSequences
            ? new(new SequenceCondition(slot.Name, slot.Tokens, Encoder.Width), states, condition.Present, condition.Mask)
            : new(new VectorCondition(slot.Name, Encoder.Width), Encoder.Pool(ops, states, condition.Mask!, name), condition.Present);
    }
}
