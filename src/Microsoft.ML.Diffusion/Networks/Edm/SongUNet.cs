namespace Microsoft.ML.Diffusion;

/// <summary>
/// DDPM++ and NCSN++ (Song et al. 2021, arXiv:2011.13456) as Karras et al. 2022 (arXiv:2206.00364, Table 7) have them: <c>SongUNet</c> of the reference, whose arithmetic and parameter names
/// these are. Takes pictures whose sizes can be halved <c>levels − 1</c> times.
/// </summary>
/// <remarks>Immutable and thread safe. Told ln(σ/α)/4, with EDM's parameterization.</remarks>
public sealed partial class SongUNet : EdmUNet
{
    /// <summary>A network with the reference's defaults: width 128, multipliers 1, 2, 2, 2, four blocks a level, attention at height 16.</summary>
    public SongUNet()
        : base(128, [1, 2, 2, 2], 4, [16])
    {
    }

    /// <summary>How it is told the noise level (<c>embedding_type</c>). Positional unless given.</summary>
    public EdmEmbedding Embedding { get; init => field = Accept.Defined(value, this); }

    /// <summary>The number of features of the noise level in units of <see cref="EdmUNet.Channels"/> (<c>channel_mult_noise</c>): 1 for DDPM++, 2 for NCSN++. 1 unless given.</summary>
    public int NoiseMultiplier { get; init => field = Accept.Repeats(value, this); } = 1;

    /// <summary>How the picture reaches the smaller levels (<c>encoder_type</c>). Standard unless given.</summary>
    public EdmEncoder Encoder { get; init => field = Accept.Defined(value, this); }

    /// <summary>From which levels the answer comes (<c>decoder_type</c>). Standard unless given.</summary>
    public EdmDecoder Decoder { get; init => field = Accept.Defined(value, this); }

    /// <summary>The filter of changes of size (<c>resample_filter</c>), an even number of taps whose sum is not 0: 1, 1 for DDPM++; 1, 3, 3, 1 for NCSN++. 1, 1 unless given.</summary>
    public IReadOnlyList<double> ResampleTaps
    {
        get;
        init => field = value is { Count: >= 2 } && value.Count % 2 == 0 && value.All(double.IsFinite) && value.Sum() != 0
            ? [.. value]
            : throw new ArgumentException($"SongUNet.ResampleTaps are an even number of finite taps whose sum is not 0, got [{string.Join(", ", value ?? [])}].", nameof(ResampleTaps));
    } = [1, 1];

    /// <summary>DDPM++ as EDM trains it on CIFAR-10: about 56 million parameters for 3×32×32.</summary>
    public static SongUNet DdpmPlusPlus => new() { Multipliers = [2, 2, 2], Dropout = 0.13 };

    /// <summary>NCSN++ as EDM trains it on CIFAR-10: about 56 million parameters for 3×32×32.</summary>
    public static SongUNet NcsnPlusPlus => new()
    {
        Multipliers = [2, 2, 2],
        Dropout = 0.13,
        Embedding = EdmEmbedding.Fourier,
        NoiseMultiplier = 2,
        Encoder = EdmEncoder.Residual,
        ResampleTaps = [1, 3, 3, 1],
    };

    /// <summary>DDPM++ for minutes of training on a CPU: about 1.2 million parameters.</summary>
    public static SongUNet Small => new() { Channels = 32, Multipliers = [1, 2, 2], BlocksPerLevel = 1, AttentionSizes = [], Dropout = 0 };
}
