using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// ADM's U-Net (Dhariwal and Nichol 2021, arXiv:2105.05233): <c>UNetModel</c> of openai/guided-diffusion. The first class condition has the reference's table of labels, to which a missing
/// class adds nothing; others have layers of their own.
/// </summary>
/// <remarks>Immutable and thread safe. Told the timestep of the schedule.</remarks>
public sealed class AdmUNet : AdmNetwork
{
    /// <summary>A network of width 128, multipliers 1, 2, 4, 8, two blocks a level, and no attention but in the middle.</summary>
    public AdmUNet()
        : base(128, [1, 2, 4, 8], [])
    {
    }

    /// <summary>The number of heads on the way up (<c>num_heads_upsample</c>), where <see cref="AdmNetwork.HeadChannels"/> is null; null for as many as on the way down. Null unless given.</summary>
    public int? HeadsUp { get; init => field = value is { } heads ? Accept.Repeats(heads, this) : null; }

    /// <summary>Whether the network answers with the variance of a reverse step too (<c>learn_sigma</c>). False unless given.</summary>
    public bool WithVariance { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => WithVariance;

    /// <summary>ADM for minutes of training on a CPU: about 1.1 million parameters.</summary>
    public static AdmUNet Small => new() { Channels = 32, Multipliers = [1, 2, 2], BlocksPerLevel = 1, HeadChannels = 32 };

    /// <summary>ADM of the paper for ImageNet at 64×64, with learned variance: about 296 million parameters with 1000 classes.</summary>
    public static AdmUNet ImageNet64 => new()
    {
        Channels = 192,
        Multipliers = [1, 2, 3, 4],
        BlocksPerLevel = 3,
        AttentionFactors = [2, 4, 8],
        HeadChannels = 64,
        Dropout = 0.1,
        ResidualResize = true,
        NewAttentionOrder = true,
        WithVariance = true,
    };

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        base.Validate(shape);
        for (int i = 0; i < Multipliers.Count; i++)
            if (HeadChannels is null && HeadsUp is { } heads && Attends(1 << i) && WidthOf(i) % heads != 0)
                throw new ArgumentException($"AdmUNet: level {i} attends, but its {WidthOf(i)} channels are not divisible by HeadsUp {heads}.", nameof(shape));
    }

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        var embedding = ops.Silu(Labelled(ops, EmbedLevel(ops, level), conditions));
        int answers = AnswerChannels(ops, x), block = 0;
        var skips = new Stack<T>();
        var h = Middle(ops, Encode(ops, ops.ToWorking(x), embedding, skips.Push), embedding);
        for (int i = Multipliers.Count - 1; i >= 0; i--)
        {
            for (int j = 0; j <= BlocksPerLevel; j++)
            {
                string name = $"output_blocks.{block++}";
                int part = 0;
                h = Residual.Forward(ops, ops.Concat(h, skips.Pop()), embedding, $"{name}.{part++}", WidthOf(i));
                if (Attends(1 << i))
                    h = Attention(ops, h, $"{name}.{part++}", HeadsUp ?? Heads);
                if (i > 0 && j == BlocksPerLevel)
                    h = Double(ops, h, embedding, $"{name}.{part}");
            }
        }
        h = ops.GroupNormSilu(h, "out.0", Groups);
        return ops.ToFloat32(ops.Conv2d(h, "out.2", answers, KernelSize, initializer: Initializer.Zeros));
    }

    private static T Labelled<T>(IOps<T> ops, T embedding, IReadOnlyList<Condition<T>> conditions)
    {
        int width = ops.Size(embedding, 1);
        bool hasClass = false;
        for (int i = 0; i < conditions.Count; i++)
        {
            bool isTable = !hasClass && conditions[i].Slot is ClassCondition;
            hasClass |= isTable;
            embedding = ops.Add(embedding, isTable
                ? ClassTable.Look(ops, conditions[i].Value, "label_emb.weight", ((ClassCondition)conditions[i].Slot).Count, width, hasMissing: false, Initializer.Normal(1))
                : LevelEmbedding.Embed(ops, conditions[i], $"condition_embedding.{i}", width));
        }
        return embedding;
    }

    private T Double<T>(IOps<T> ops, T x, T embedding, string name)
    {
        int channels = ops.Size(x, 1);
        if (ResidualResize)
            return Residual.Forward(ops, x, embedding, name, channels, Resizing.Up);
        var doubled = ops.ResizeNearest(x, 2 * ops.Size(x, 2), 2 * ops.Size(x, 3));
        return ConvolvedResize ? ops.Conv2d(doubled, name + ".conv", channels, KernelSize) : doubled;
    }
}
