using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A U-Net for pictures (Ho et al. 2020, arXiv:2006.11239; Dhariwal and Nichol 2021, arXiv:2105.05233): residual blocks at falling
/// sizes and back, joined by skips, modulated by level and conditions. Arithmetic and parameter names are those of Hugging Face
/// diffusers' UNet2DModel with <c>resnet_time_scale_shift="scale_shift"</c>.
/// </summary>
/// <remarks>
/// Any number of channels, any size: where <see cref="PatchSize"/> does not divide it, zeros are appended and cut off the answer; odd sizes
/// are halved rounding up, and come back to the size of the skip. Immutable and thread safe.
/// </remarks>
public sealed partial class UNet : Network
{
    private const int KernelSize = 3;

    /// <summary>The width of the first level; a multiple of <see cref="Groups"/>. 32 unless given.</summary>
    public int Channels { get; init => field = Accept.Width(value, this); } = 32;

    /// <summary>The width of each level in units of <see cref="Channels"/>: one to eight positive numbers. 1, 2, 2 unless given.</summary>
    public IReadOnlyList<int> Multipliers
    {
        get;
        init => field = Accept.Levels(value, this);
    } = [1, 2, 2];

    /// <summary>The number of residual blocks at each level on the way down; one more on the way up. 1 unless given.</summary>
    public int BlocksPerLevel { get; init => field = Accept.Repeats(value, this); } = 1;

    /// <summary>
    /// The levels whose blocks attend, by how much the picture is smaller there: 1, 2, 4, ... after the patches. Factors that no
    /// level has do nothing. None unless given.
    /// </summary>
    public IReadOnlyList<int> AttentionFactors
    {
        get;
        init => field = Accept.Positives(value, this);
    } = [];

    /// <summary>Whether the middle, at the smallest size, attends. True unless given.</summary>
    public bool MiddleAttention { get; init; } = true;

    /// <summary>The width of a head; divides the width of every level that attends. 32 unless given.</summary>
    public int HeadChannels { get; init => field = Accept.Width(value, this); } = 32;

    /// <summary>The number of groups of group normalisation. 8 unless given.</summary>
    public int Groups { get; init => field = Accept.Width(value, this); } = 8;

    /// <summary>The side of the square of pixels that the network takes as one, as channels; 1 for none. 1 unless given.</summary>
    public int PatchSize { get; init => field = Accept.Repeats(value, this); } = 1;

    /// <summary>The probability of zeroing a value in each residual block in training; in [0, 1). 0 unless given.</summary>
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

    /// <summary>About 1.1 million parameters on patches of 2×2: for pictures up to 32 pixels and minutes of training on a CPU.</summary>
    public static UNet Small => new() { PatchSize = 2 };

    /// <summary>About 23 million parameters at full size, two blocks a level, attention at a quarter and an eighth: for a GPU.</summary>
    public static UNet Medium => new() { Channels = 64, Multipliers = [1, 2, 3, 4], BlocksPerLevel = 2, AttentionFactors = [4, 8] };

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!shape.IsImage)
            throw new ArgumentException($"UNet takes pictures [channels, height, width], got {shape}. For vectors use {nameof(ResidualMlp)}, for sequences {nameof(LinearAttentionUNet)}.", nameof(shape));
        if (Channels % Groups != 0)
            throw new ArgumentException($"UNet: Channels {Channels} are not divisible by Groups {Groups}.", nameof(shape));
        for (int i = 0; i < Multipliers.Count; i++)
            if (Attends(i) && Channels * Multipliers[i] % HeadChannels != 0)
                throw new ArgumentException($"UNet: level {i} attends, but its {Channels * Multipliers[i]} channels are not divisible by HeadChannels {HeadChannels}.", nameof(shape));
    }

    private bool Attends(int level) => AttentionFactors.Contains(1 << level) || (MiddleAttention && level == Multipliers.Count - 1);
}
