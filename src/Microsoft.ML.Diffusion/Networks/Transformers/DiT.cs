using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A transformer over patches of pictures or latents, told level and conditions by normalisations that start as zero (adaLN-Zero; Peebles and Xie 2023, arXiv:2212.09748); with flow matching
/// it is SiT (Ma et al. 2024, arXiv:2401.08740). Parameter names are those of diffusers' <c>Transformer2DModel</c> with <c>norm_type="ada_norm_zero"</c>; files of facebookresearch/DiT and
/// willisma/SiT load through <see cref="KnownWeightMaps.DiT"/>.
/// </summary>
/// <remarks>
/// The first class condition has the reference's table of labels, whose last row stands for a missing class; other classes and vectors have layers of their own and are added. Sequences are
/// attended to after the picture itself, as diffusers' blocks do where they have <c>cross_attention_dim</c>. Immutable and thread safe. Told the timestep of the schedule.
/// </remarks>
public sealed partial class DiT : Network
{
    /// <summary>The side of a patch in pixels; divides height and width. 2 unless given.</summary>
    public int PatchSize { get; init => field = Accept.Repeats(value, this); } = 2;

    /// <summary>The width of a token (<c>hidden_size</c>); a multiple of <see cref="Heads"/> and of 4. 384 unless given.</summary>
    public int Width { get; init => field = Accept.Width(value, this); } = 384;

    /// <summary>The number of blocks. 12 unless given.</summary>
    public int Depth { get; init => field = Accept.Repeats(value, this); } = 12;

    /// <summary>The number of heads. 6 unless given.</summary>
    public int Heads { get; init => field = Accept.Repeats(value, this); } = 6;

    /// <summary>The width of the feed-forward layers in units of <see cref="Width"/>; positive. 4 unless given.</summary>
    public double FeedForwardRatio
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(FeedForwardRatio), value, "DiT.FeedForwardRatio is positive and finite.");
    } = 4;

    /// <summary>The number of sinusoids of the noise level; at least 4, even. 256 unless given.</summary>
    public int LevelFeatures
    {
        get;
        init => field = value % 2 == 0 ? Accept.Width(value, this, least: 4) : throw new ArgumentOutOfRangeException(nameof(LevelFeatures), value, "DiT.LevelFeatures is even and at least 4.");
    } = 256;

    /// <summary>The shift of the sinusoids' frequencies (<see cref="SinusoidalEmbedding.Shift"/>): 0 in the reference, 1 in diffusers. 0 unless given.</summary>
    public double FrequencyShift
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(FrequencyShift), value, "DiT.FrequencyShift lies in [0, 1].");
    }

    /// <summary>
    /// Whether one embedding of level and conditions serves all blocks, as in the paper; else each block has one of its own, as diffusers has it. True unless given.
    /// </summary>
    public bool SharedEmbedding { get; init; } = true;

    /// <summary>Whether the table of labels has a row for a missing class; else a missing class adds nothing (<c>class_dropout_prob = 0</c>). True unless given.</summary>
    public bool MissingClass { get; init; } = true;

    /// <summary>Whether queries, keys and values have a bias. True unless given.</summary>
    public bool AttentionBias { get; init; } = true;

    /// <summary>Whether the feed-forward layers take the approximation of GELU by a hyperbolic tangent, as the reference does. True unless given.</summary>
    public bool ApproximateGelu { get; init; } = true;

    /// <summary>Added to the variances before the feed-forward layers; 1e-6 in the reference, 1e-5 in diffusers. Positive. 1e-6 unless given.</summary>
    public double FeedForwardEpsilon
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(FeedForwardEpsilon), value, "DiT.FeedForwardEpsilon is positive and finite.");
    } = 1e-6;

    /// <summary>What the positions of patches are divided by (diffusers' <c>interpolation_scale</c>); positive. 1 unless given.</summary>
    public double PositionScale
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(PositionScale), value, "DiT.PositionScale is positive and finite.");
    } = 1;

    /// <summary>Whether the network answers with the variance of a reverse step too (<c>learn_sigma</c>). False unless given.</summary>
    public bool WithVariance { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => WithVariance;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool AttendsToSequences => true;

    /// <summary>Four blocks of width 128, for pictures up to 32 pixels and minutes of training on a CPU: about 1.3 million parameters.</summary>
    public static DiT Small => new() { Width = 128, Depth = 4, Heads = 4 };

    /// <summary>DiT-S/2 of the paper: about 33 million parameters.</summary>
    public static DiT S2 => new();

    /// <summary>DiT-B/2 of the paper: about 130 million parameters.</summary>
    public static DiT B2 => new() { Width = 768, Heads = 12 };

    /// <summary>DiT-L/2 of the paper: about 458 million parameters.</summary>
    public static DiT L2 => new() { Width = 1024, Depth = 24, Heads = 16 };

    /// <summary>DiT-XL/2 of the paper: about 675 million parameters.</summary>
    public static DiT XL2 => new() { Width = 1152, Depth = 28, Heads = 16 };

    /// <inheritdoc/>
    public override LevelInput DefaultLevelInput(NoiseSchedule schedule) => KnownLevelInputs.Timestep(schedule);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!shape.IsImage)
            throw new ArgumentException($"DiT takes pictures [channels, height, width], got {shape}.", nameof(shape));
        if (shape.Dimensions[1] % PatchSize != 0 || shape.Dimensions[2] % PatchSize != 0)
            throw new ArgumentException($"DiT with PatchSize {PatchSize} takes heights and widths divisible by it, got {shape}.", nameof(shape));
        if (Width % Heads != 0 || Width % 4 != 0)
            throw new ArgumentException($"DiT: Width {Width} is not divisible by Heads {Heads} and by 4.", nameof(shape));
    }
}
