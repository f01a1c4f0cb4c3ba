using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>What the U-Nets of Karras et al. 2022 (arXiv:2206.00364) have in common. Parameter names are those of the reference's modules, without <c>model.</c>.</summary>
/// <remarks>
/// Conditions are put one after another into one vector of labels: a class as zeros with a 1 in its place, zeros where missing, as the reference has it. The labels of augmentation
/// (<see cref="AugmentationCondition"/>) have a layer of their own, without bias. Label dropout is the trainer's.
/// </remarks>
public abstract class EdmUNet : Network
{
    internal EdmUNet(int channels, IReadOnlyList<int> multipliers, int blocksPerLevel, IReadOnlyList<int> attentionSizes)
    {
        Channels = channels;
        Multipliers = multipliers;
        BlocksPerLevel = blocksPerLevel;
        AttentionSizes = attentionSizes;
    }

    /// <summary>The unit of widths (<c>model_channels</c>); at least 4.</summary>
    public int Channels
    {
        get;
        init => field = Accept.Width(value, this, least: 4);
    }

    /// <summary>The width of each level in units of <see cref="Channels"/> (<c>channel_mult</c>): one to eight positive numbers.</summary>
    public IReadOnlyList<int> Multipliers { get; init => field = Accept.Levels(value, this); }

    /// <summary>The width of what blocks are told about level and labels, in units of <see cref="Channels"/> (<c>channel_mult_emb</c>). 4 unless given.</summary>
    public int EmbeddingMultiplier { get; init => field = Accept.Repeats(value, this); } = 4;

    /// <summary>The number of residual blocks at each level on the way down (<c>num_blocks</c>); one more on the way up.</summary>
    public int BlocksPerLevel { get; init => field = Accept.Repeats(value, this); }

    /// <summary>The heights of the picture at which blocks attend (<c>attn_resolutions</c>). Heights that no level has do nothing.</summary>
    public IReadOnlyList<int> AttentionSizes { get; init => field = Accept.Positives(value, this); }

    /// <summary>The probability of zeroing a value in each residual block in training; in [0, 1). 0.1 unless given, as in the reference.</summary>
    public double Dropout { get; init => field = Accept.Rate(value, this); } = 0.1;

    /// <summary>Whether the network answers with the variance of a reverse step too, as behind the reference's <c>iDDPMPrecond</c>. False unless given.</summary>
    public bool WithVariance { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => WithVariance;

    /// <inheritdoc/>
    public override void Validate(DataShape shape) => Accept.Pictures(shape, this, Multipliers.Count - 1);

    // The labels [B, labels] in Float32; default where there are none.
    private protected static (T? Labels, int Count) Labels<T>(IOps<T> ops, IReadOnlyList<Condition<T>> conditions)
    {
        T? labels = default;
        int count = 0;
        foreach (var condition in conditions)
        {
            if (condition.Slot is AugmentationCondition)
                continue;
            var part = LabelsOf(ops, condition);
            labels = count == 0 ? part : ops.Concat(labels!, part);
            count = ops.Size(labels, 1);
        }
        return (labels, count);
    }

    private static T LabelsOf<T>(IOps<T> ops, Condition<T> condition) => condition.Slot switch
    {
        ClassCondition classes => ClassVectors.Of(ops, condition.Value, classes.Count),
        VectorCondition => condition.Value,
        var other => throw new NotSupportedException($"A U-Net of EDM takes classes and vectors as conditions, got {other}."),
    };

    // The embedding with what the augmentation adds to it.
    private protected static T Augmented<T>(IOps<T> ops, T embedding, IReadOnlyList<Condition<T>> conditions, Func<int, Initializer?> start)
    {
        foreach (var condition in conditions)
            if (condition.Slot is AugmentationCondition)
                embedding = ops.Add(embedding, ops.Linear(ops.ToWorking(condition.Value), "map_augment", ops.Size(embedding, 1), start(condition.Slot.Width), bias: false));
        return embedding;
    }

    private protected bool Attends(int height) => AttentionSizes.Contains(height);

    // The reference's names begin with the size of a level.
    private protected static string Level<T>(IOps<T> ops, string half, T x) => $"{half}.{ops.Size(x, 2)}x{ops.Size(x, 3)}_";
}
