using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Maps conditions to vectors, such as the text side of CLIP (Radford et al. 2021, arXiv:2103.00020): a class by a table, vectors and sequences by a linear layer, texts by a
/// <see cref="TokenEncoder"/>; their sum goes through a residual layer. Looks neither at the sample nor at its level.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ConditionEncoder : Network
{
    /// <summary>An encoder.</summary>
    /// <param name="answers">The length of the vectors; at least 1.</param>
    public ConditionEncoder(int answers) => Answers = Accept.Answers(answers, this, option: nameof(Answers));

    /// <summary>The length of the vectors.</summary>
    public int Answers { get; }

    /// <summary>The width of the hidden layers. 128 unless given.</summary>
    public int Width { get; init => field = Accept.Width(value, this); } = 128;

    /// <summary>The encoder of texts; <see cref="TokenEncoder.Small"/> unless given. Matters only with conditions of tokens.</summary>
    public TokenEncoder Text { get; init => field = value ?? throw new ArgumentNullException(nameof(Text)); } = TokenEncoder.Small;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool ReadsTokens => true;

    /// <inheritdoc/>
    public override DataShape AnswerShape(DataShape shape) => new(Answers);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
    }

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        if (conditions.Count == 0)
            throw new ArgumentException("ConditionEncoder takes at least one condition, got none.", nameof(conditions));
        var sum = Embed(ops, conditions[0], 0);
        for (int i = 1; i < conditions.Count; i++)
            sum = ops.Add(sum, Embed(ops, conditions[i], i));
        var h = ops.Add(sum, ops.Linear(ops.Silu(ops.Linear(ops.LayerNorm(sum, "norm_in"), "linear_1", Width)), "linear_2", Width));
        return ops.ToFloat32(ops.Linear(ops.Silu(ops.LayerNorm(h, "norm_out")), "linear_out", Answers));
    }

    private T Embed<T>(IOps<T> ops, Condition<T> condition, int index)
    {
        string name = $"condition_embedding.{index}";
        return condition.Slot is TokensCondition
            ? ops.Linear(ops.ToWorking(Text.Pool(ops, Text.Encode(ops, condition, name), condition.Mask!, name)), name + ".linear", Width)
            : LevelEmbedding.Embed(ops, condition, name, Width);
    }
}
