using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A U-Net for sequences and pictures, whose larger levels attend at a cost that grows with their size and not with its square (Shen et al. 2021, arXiv:1812.01243), to memories beside the
/// data: <c>Unet</c> of lucidrains/denoising-diffusion-pytorch, whose arithmetic and parameter names these are for pictures (<c>g</c> of its normalisations is <c>weight</c> here:
/// <see cref="KnownWeightMaps.Lucidrains"/>). Over sequences every convolution is one of one axis.
/// </summary>
/// <remarks>Takes sizes that can be halved <c>levels − 1</c> times. Immutable and thread safe. Told the timestep of the schedule.</remarks>
public sealed partial class LinearAttentionUNet : Network
{
    /// <summary>The unit of widths (<c>dim</c>); even, at least 4. 64 unless given.</summary>
    public int Channels
    {
        get;
        init => field = value % 2 == 0 ? Accept.Width(value, this, least: 4) : throw new ArgumentOutOfRangeException(nameof(Channels), value, "LinearAttentionUNet.Channels is even and at least 4.");
    } = 64;

    /// <summary>The width before the first level (<c>init_dim</c>); null for <see cref="Channels"/>. Null unless given.</summary>
    public int? FirstChannels { get; init => field = value is { } width ? Accept.Width(width, this) : null; }

    /// <summary>The width after each level in units of <see cref="Channels"/> (<c>dim_mults</c>): one to eight positive numbers. 1, 2, 4, 8 unless given.</summary>
    public IReadOnlyList<int> Multipliers { get; init => field = Accept.Levels(value, this); } = [1, 2, 4, 8];

    /// <summary>Which levels attend fully (<c>full_attn</c>), from 0 for the largest; the others attend linearly. Null for the last level alone. Null unless given.</summary>
    public IReadOnlyList<int>? FullAttention
    {
        get;
        init => field = value is null || value.All(level => level >= 0)
            ? value?.ToArray()
            : throw new ArgumentException($"LinearAttentionUNet.FullAttention names levels from 0, got [{string.Join(", ", value)}].", nameof(FullAttention));
    }

    /// <summary>The number of heads of each level, or one number for all (<c>attn_heads</c>). 4 unless given.</summary>
    public IReadOnlyList<int> Heads { get; init => field = Accept.Levels(value, this); } = [4];

    /// <summary>The width of a head of each level, or one number for all (<c>attn_dim_head</c>). 32 unless given.</summary>
    public IReadOnlyList<int> HeadChannels { get; init => field = Accept.Widths(value, this); } = [32];

    /// <summary>The number of learned keys and values beside those of the data; 0 for none. 4 unless given, as in the reference.</summary>
    public int Memories
    {
        get;
        init => field = Accept.Repeats(value, this, least: 0);
    } = 4;

    /// <summary>The highest frequency of the level's sinusoids by the lowest (<c>sinusoidal_pos_emb_theta</c>); above 1. 10000 unless given.</summary>
    public double FrequencySpan
    {
        get;
        init => field = value > 1 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(FrequencySpan), value, "LinearAttentionUNet.FrequencySpan is above 1 and finite.");
    } = 10000;

    /// <summary>The probability of zeroing a value in each residual block in training; in [0, 1). 0 unless given.</summary>
    public double Dropout { get; init => field = Accept.Rate(value, this); }

    /// <summary>Whether the network answers with the variance of a reverse step too (<c>learned_variance</c>). False unless given.</summary>
    public bool WithVariance { get; init; }

    /// <summary>Whether the network takes its estimate before (<c>self_condition</c>; Chen et al. 2022, arXiv:2208.04202), zeros at first, beside x. False unless given.</summary>
    public bool WithSelfConditioning { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool SelfConditions => WithSelfConditioning;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => WithVariance;

    /// <summary>For minutes of training on a CPU: about 0.76 million parameters for sequences, 1.4 million for pictures.</summary>
    public static LinearAttentionUNet Small => new() { Channels = 32, Multipliers = [1, 2, 2] };

    /// <summary>The reference's defaults: about 36 million parameters for pictures.</summary>
    public static LinearAttentionUNet Default => new();

    /// <inheritdoc/>
    public override LevelInput DefaultLevelInput(NoiseSchedule schedule) => KnownLevelInputs.Timestep(schedule);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Dimensions.Count < 2)
            throw new ArgumentException($"LinearAttentionUNet takes sequences [channels, length] and pictures [channels, height, width], got {shape}.", nameof(shape));
        foreach (var (option, count) in new[] { (nameof(Heads), Heads.Count), (nameof(HeadChannels), HeadChannels.Count) })
            if (count != 1 && count != Multipliers.Count)
                throw new ArgumentException($"LinearAttentionUNet: {option} has {count} numbers; expected one, or one for each of the {Multipliers.Count} levels.", nameof(shape));
    }
}
