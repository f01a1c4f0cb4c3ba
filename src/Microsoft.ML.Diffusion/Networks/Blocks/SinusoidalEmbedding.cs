using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Cosines and sines of a number at frequencies that fall geometrically from 1: how diffusion networks are told the timestep (Vaswani et al. 2017,
/// arXiv:1706.03762, section 3.5; guided diffusion's and diffusers' <c>timestep_embedding</c>).
/// </summary>
/// <remarks>
/// Immutable and thread safe. Frequencies and angles are Float32 as in the references, so that a network trained with theirs is told the same, but for
/// the last digit of a frequency, which differs between builds of torch: 1e-5 of a feature at timestep 1000.
/// </remarks>
public sealed class SinusoidalEmbedding
{
    private readonly float[] _frequencies;

    /// <summary>An embedding.</summary>
    /// <param name="width">The number of features; at least 2. The last is 0 where it is odd.</param>
    /// <param name="span">The highest frequency by the one after the lowest; above 1. 10000 unless given.</param>
    /// <param name="shift">1 where the lowest frequency itself is 1/<paramref name="span"/>, as in diffusers' <c>downscale_freq_shift</c>; in [0, 1]. 0 unless given.</param>
    /// <param name="sinesFirst">Whether the sines come before the cosines. They come after unless set.</param>
    public SinusoidalEmbedding(int width, double span = 10000, double shift = 0, bool sinesFirst = false)
    {
        if (width < 2)
            throw new ArgumentOutOfRangeException(nameof(width), width, "An embedding needs at least 2 features.");
        if (!(span > 1 && double.IsFinite(span)))
            throw new ArgumentOutOfRangeException(nameof(span), span, "The span of frequencies must be above 1 and finite.");
        if (!(shift is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(shift), shift, "The shift must be in [0, 1].");
        Width = width;
        Span = span;
        Shift = shift;
        SinesFirst = sinesFirst;
        // A single frequency is 1, whatever the shift. Exponents are rounded to Float32, and libtorch takes their exponential, as in the references: at timestep 1000 the last digit shows.
        var exponents = new float[width / 2];
        for (int i = 1; i < exponents.Length; i++)
            exponents[i] = (float)-Math.Log(span) * i / (float)(exponents.Length - shift);
        using var frequencies = tensor(exponents);
        frequencies.exp_();
        _frequencies = frequencies.data<float>().ToArray();
    }

    /// <summary>The number of features.</summary>
    public int Width { get; }

    /// <summary>The highest frequency by the one after the lowest.</summary>
    public double Span { get; }

    /// <summary>1 where the lowest frequency itself is 1/<see cref="Span"/>.</summary>
    public double Shift { get; }

    /// <summary>Whether the sines come before the cosines.</summary>
    public bool SinesFirst { get; }

    /// <summary>The frequencies, from 1 down.</summary>
    public IReadOnlyList<float> Frequencies => _frequencies;

    /// <summary>The features of numbers. A fresh tensor.</summary>
    /// <param name="x">The numbers [B], such as timesteps.</param>
    /// <returns>[B, <see cref="Width"/>], Float32, on the device of <paramref name="x"/>.</returns>
    public Tensor Of(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.dim() != 1)
            throw new ArgumentException($"Expected numbers [B], got [{string.Join(", ", x.shape)}].", nameof(x));
        using var host = tensor(_frequencies);
        using var frequencies = host.to(x.device);
        return Of(x, frequencies);
    }

    /// <summary>The features of numbers [B], with the frequencies at hand.</summary>
    internal Tensor Of(Tensor x, Tensor frequencies)
    {
        using var single = x.to(ScalarType.Float32);
        using var column = single.unsqueeze(1);
        using var angles = column.mul(frequencies);
        using var sines = angles.sin();
        using var cosines = angles.cos();
        Tensor[] halves = SinesFirst ? [sines, cosines] : [cosines, sines];
        if (Width % 2 == 0)
            return cat(halves, 1);
        using var nothing = zeros([x.size(0), 1], ScalarType.Float32, x.device);
        return cat([.. halves, nothing], 1);
    }
}
