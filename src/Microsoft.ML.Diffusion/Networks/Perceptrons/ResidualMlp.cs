using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A residual network for vectors: a linear layer in, blocks of normalisation, modulation by level and conditions and two linear
/// layers, a linear layer out. The denoiser of TabDDPM (Kotelnikov et al. 2023, arXiv:2209.15421) with residual blocks
/// (Gorishniy et al. 2021, arXiv:2106.11959).
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ResidualMlp : Network
{
    /// <summary>The width of the hidden layers; even, at least 4. 256 unless given.</summary>
    public int Width
    {
        get;
        init => field = value % 2 == 0 ? Accept.Width(value, this, least: 4) : throw new ArgumentOutOfRangeException(nameof(Width), value, "ResidualMlp.Width is even and at least 4.");
    } = 256;

    /// <summary>The number of residual blocks; at least 1. 3 unless given.</summary>
    public int Blocks
    {
        get;
        init => field = Accept.Repeats(value, this);
    } = 3;

    /// <summary>The probability of zeroing a hidden value of a block in training; in [0, 1). 0 unless given.</summary>
    public double Dropout
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(Dropout), value, "Dropout lies in [0, 1).");
    }

    /// <summary>Whether the network answers with the variance of a reverse step too (Nichol and Dhariwal 2021, arXiv:2102.09672). False unless given.</summary>
    public bool WithVariance { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => WithVariance;

    /// <summary>Whether the network sees its estimate of the step before (self-conditioning; Chen et al. 2022, arXiv:2208.04202). False unless given.</summary>
    public bool WithSelfConditioning { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool SelfConditions => WithSelfConditioning;

    /// <summary>
    /// The number of values of the answer, where the network is no denoiser: the classes of a classifier, the length of an encoder's vectors. Null, the sample's own, unless given. With it the
    /// network also takes pictures and sequences, each as one long vector.
    /// </summary>
    public int? Answers { get; init => field = value is { } answers ? Accept.Answers(answers, this) : null; }

    /// <summary>Three blocks of width 256, about 0.9 million parameters.</summary>
    public static ResidualMlp Default => new();

    /// <inheritdoc/>
    public override DataShape AnswerShape(DataShape shape) => Answers is { } answers ? new(answers) : base.AnswerShape(shape);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (Answers is not null)
        {
            if (WithVariance || WithSelfConditioning)
                throw new ArgumentException("ResidualMlp with Answers is no denoiser: leave WithVariance and WithSelfConditioning.", nameof(shape));
            return;
        }
        if (shape.Dimensions.Count != 1)
            throw new ArgumentException($"ResidualMlp takes vectors [length], got {shape}. For pictures use {nameof(UNet)}, for sequences {nameof(LinearAttentionUNet)}.", nameof(shape));
    }

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        var embedding = LevelEmbedding.Build(ops, level, conditions, Width, Width);
        var vectors = ops.Rank(x) == 2 ? x : ops.Reshape(x, Enumerable.Range(1, ops.Rank(x) - 1).Aggregate(1, (size, dimension) => size * ops.Size(x, dimension)));
        var h = ops.Linear(ops.ToWorking(vectors), "linear_in", Width);
        for (int i = 0; i < Blocks; i++)
        {
            string name = $"blocks.{i}";
            var inner = ops.Modulate(ops.LayerNorm(h, name + ".norm"), ops.Linear(embedding, name + ".time_emb_proj", 2 * Width));
            inner = ops.Silu(ops.Linear(inner, name + ".linear_1", Width));
            if (Dropout > 0)
                inner = ops.Dropout(inner, Dropout);
            h = ops.Add(h, ops.Linear(inner, name + ".linear_2", Width));
        }
        h = ops.Silu(ops.LayerNorm(h, "norm_out"));
        // A denoiser starts at its skip connection; an embedding of zeros would have no direction.
        return ops.ToFloat32(Answers is { } answers ? ops.Linear(h, "linear_out", answers) : ops.Linear(h, "linear_out", AnswerChannels(ops, x), Initializer.Zeros));
    }
}
