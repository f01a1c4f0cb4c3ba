using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// An architecture that takes pictures to smaller latents and back (Rombach et al. 2022, arXiv:2112.10752, section 3.1), as functions over the op vocabulary. It holds no parameters. Arithmetic
/// and parameter names are those of Hugging Face diffusers.
/// </summary>
/// <remarks>Immutable and thread safe. A new one is one class and one line in the list of kinds below.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(KlAutoencoder), "kl")]
[JsonDerivedType(typeof(VqAutoencoder), "vq")]
public abstract class Autoencoder
{
    private const double LevelEpsilon = 1e-6;
    private const int KernelSize = 3;

    /// <summary>The width of each level, from full size down; one to eight multiples of <see cref="Groups"/>. Each but the first halves the size. 64 unless given.</summary>
    public IReadOnlyList<int> Channels
    {
        get;
        init => field = Accept.Widths(value, this);
    } = [64];

    /// <summary>The number of residual blocks of each level of the encoder; one more in the decoder. 1 unless given.</summary>
    public int Layers { get; init => field = Accept.Repeats(value, this); } = 1;

    /// <summary>The number of groups of group normalisation. 32 unless given.</summary>
    public int Groups { get; init => field = Accept.Width(value, this); } = 32;

    /// <summary>The number of channels of latents. 4 unless given.</summary>
    public int LatentChannels { get; init => field = Accept.Width(value, this); } = 4;

    /// <summary>Whether the middle, at the smallest size, attends. True unless given.</summary>
    public bool MiddleAttention { get; init; } = true;

    /// <summary>Which levels of the encoder attend after each residual block, or one answer for all: diffusers' <c>AttnDownEncoderBlock2D</c>. None unless given.</summary>
    public IReadOnlyList<bool> DownAttention { get; init => field = Answers(value, nameof(DownAttention)); } = [false];

    /// <summary>Which levels of the decoder attend after each residual block, the smallest size first, or one answer for all: <c>AttnUpDecoderBlock2D</c>. None unless given.</summary>
    public IReadOnlyList<bool> UpAttention { get; init => field = Answers(value, nameof(UpAttention)); } = [false];

    /// <summary>What latents are multiplied with for a diffusion model, which wants deviations near 1; positive. 0.18215 unless given, that of latent diffusion's first models.</summary>
    public double LatentScale
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(LatentScale), value, "The scale of latents is positive and finite.");
    } = 0.18215;

    /// <summary>What is taken from latents before that; finite. 0 unless given.</summary>
    public double LatentShift
    {
        get;
        init => field = double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(LatentShift), value, "The shift of latents is finite.");
    }

    /// <summary>Refuses samples that the architecture can not take, before anything is allocated.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <exception cref="ArgumentException">Names the size got and what is accepted.</exception>
    public void Validate(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int factor = 1 << (Channels.Count - 1);
        if (!shape.IsImage || shape.Dimensions[1] % factor != 0 || shape.Dimensions[2] % factor != 0)
            throw new ArgumentException($"{GetType().Name} with {Channels.Count} levels takes pictures of heights and widths divisible by {factor}, got {shape}.", nameof(shape));
        foreach (var answers in new[] { DownAttention, UpAttention })
            if (answers.Count != 1 && answers.Count != Channels.Count)
                throw new ArgumentException($"{GetType().Name} has {Channels.Count} levels, but {answers.Count} answers to which of them attend; give one, or one for each.", nameof(shape));
        if (Channels.FirstOrDefault(width => width % Groups != 0) is var odd and not 0)
            throw new ArgumentException($"{GetType().Name}: {odd} of the {nameof(Channels)} are not divisible by {nameof(Groups)} {Groups}.", nameof(shape));
    }

    /// <summary>The shape of the latents of a sample.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <exception cref="ArgumentException">The architecture can not take it.</exception>
    public DataShape LatentShape(DataShape shape)
    {
        Validate(shape);
        return new DataShape(LatentWidth, shape.Dimensions[1] >> (Channels.Count - 1), shape.Dimensions[2] >> (Channels.Count - 1));
    }

    /// <summary>The parameters for samples of a shape, in the order of their first use.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <exception cref="ArgumentException">The architecture can not take the shape.</exception>
    public IReadOnlyList<NetworkParameter> ListParameters(DataShape shape)
    {
        Validate(shape);
        return NetworkProgram.Trace(ops => Decode(ops, Latents(ops, Encode(ops, ShapeOps.Input(ValueKind.Full, [1, .. shape.Dimensions]))), shape.Dimensions[0])).Parameters;
    }

    /// <summary>What the encoder says of pictures.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">Pictures [B, C, H, W] in [−1, 1], Float32.</param>
    /// <returns>Of <see cref="LatentShape"/> or twice its channels, Float32.</returns>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public abstract T Encode<T>(IOps<T> ops, T x);

    /// <summary>The latents that what the encoder says stands for: the likeliest ones.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="encoded">What <see cref="Encode"/> answered.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public abstract T Latents<T>(IOps<T> ops, T encoded);

    /// <summary>The pictures of latents, as the encoder makes them: without scale and shift for a diffusion model.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="latents">[B, ...] of <see cref="LatentShape"/>, Float32.</param>
    /// <param name="channels">The number of channels of a picture.</param>
    /// <returns>[B, channels, H, W], Float32.</returns>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public abstract T Decode<T>(IOps<T> ops, T latents, int channels);

    /// <summary>The channels of latents as a diffusion model sees them.</summary>
    private protected virtual int LatentWidth => LatentChannels;

    /// <summary>Convolutions down to the size of latents. In and out in working precision.</summary>
    private protected T Encoder<T>(IOps<T> ops, T x, int channels)
    {
        var h = ops.Conv2d(x, "encoder.conv_in", Channels[0], KernelSize);
        for (int i = 0; i < Channels.Count; i++)
        {
            string name = $"encoder.down_blocks.{i}";
            for (int j = 0; j < Layers; j++)
                h = Layer(ops, h, name, j, Channels[i], DownAttention[DownAttention.Count == 1 ? 0 : i]);
            if (i < Channels.Count - 1)
                h = PictureResize.Halve(ops, h, name, padding: 0);
        }
        return Out(ops, Middle(ops, h, "encoder"), "encoder", channels);
    }

    /// <summary>Convolutions up from the size of latents. In and out in working precision.</summary>
    private protected T Decoder<T>(IOps<T> ops, T x, int channels)
    {
        var h = Middle(ops, ops.Conv2d(x, "decoder.conv_in", Channels[^1], KernelSize), "decoder");
        for (int i = 0; i < Channels.Count; i++)
        {
            string name = $"decoder.up_blocks.{i}";
            for (int j = 0; j <= Layers; j++)
                h = Layer(ops, h, name, j, Channels[^(i + 1)], UpAttention[UpAttention.Count == 1 ? 0 : i]);
            if (i < Channels.Count - 1)
                h = PictureResize.Grow(ops, h, name, 2 * ops.Size(h, 2), 2 * ops.Size(h, 3));
        }
        return Out(ops, h, "decoder", channels);
    }

    private ResidualBlock Block => new() { Groups = Groups, Epsilon = LevelEpsilon };

    private T Middle<T>(IOps<T> ops, T h, string name)
    {
        name += ".mid_block";
        h = Layer(ops, h, name, 0, Channels[^1], MiddleAttention);
        return Block.Forward(ops, h, name + ".resnets.1", Channels[^1]);
    }

    private T Layer<T>(IOps<T> ops, T h, string name, int index, int channels, bool attends)
    {
        h = Block.Forward(ops, h, $"{name}.resnets.{index}", channels);
        // One head of all channels.
        return attends ? new PictureAttention(channels, Groups) { Epsilon = LevelEpsilon }.Forward(ops, h, $"{name}.attentions.{index}") : h;
    }

    private T Out<T>(IOps<T> ops, T h, string name, int channels)
        => ops.Conv2d(ops.GroupNormSilu(h, name + ".conv_norm_out", Groups, LevelEpsilon), name + ".conv_out", channels, KernelSize);

    private static IReadOnlyList<bool> Answers(IReadOnlyList<bool> value, string name)
        => value is { Count: >= 1 and <= 8 } ? [.. value] : throw new ArgumentException($"{name} is an answer for each level, or one for all.", name);
}
