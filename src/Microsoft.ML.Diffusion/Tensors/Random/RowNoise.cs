using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Random numbers that belong to rows: each derives from (seed, row, draw, position) alone. A row's numbers are the same whatever
/// else is in its batch, in every process and on every processor.
/// </summary>
/// <remarks>
/// Immutable and thread safe. The source is Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405). Numbers have single
/// precision: draws for Float64 tensors are the same numbers, widened, so that runs in both precisions compare.
/// </remarks>
public sealed class RowNoise : INoiseSource
{
    // Streams that belong to no row have keys that no row id has.
    private const ulong PermutationKey = 0x5045524D55544154;

    private readonly PhiloxStream[] _rows;

    /// <summary>The numbers of a batch of rows.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="rows">The rows of the batch, in order.</param>
    /// <exception cref="ArgumentException">No row.</exception>
    public RowNoise(ulong seed, ReadOnlySpan<RowKey> rows)
    {
        if (rows.Length == 0)
            throw new ArgumentException("A noise source needs at least one row.", nameof(rows));
        _rows = new PhiloxStream[rows.Length];
        for (int row = 0; row < rows.Length; row++)
            _rows[row] = new PhiloxStream(seed, rows[row]);
    }

    private RowNoise(PhiloxStream[] rows) => _rows = rows;

    private delegate void Fill(in PhiloxStream row, Span<float> values, int draw);

    /// <summary>The number of rows.</summary>
    public int Count => _rows.Length;

    /// <summary>Standard normal numbers of a row.</summary>
    /// <param name="values">Receives them.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="row">The row.</param>
    /// <param name="draw">The number of the draw.</param>
    public static void FillNormal(Span<float> values, ulong seed, RowKey row, int draw) => new PhiloxStream(seed, row).FillNormal(values, draw);

    /// <summary>Numbers of a row, uniform in [0, 1).</summary>
    /// <param name="values">Receives them: multiples of 2⁻²⁴.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="row">The row.</param>
    /// <param name="draw">The number of the draw.</param>
    public static void FillUniform(Span<float> values, ulong seed, RowKey row, int draw) => new PhiloxStream(seed, row).FillUniform(values, draw);

    /// <summary>Numbers of a row, uniform in [0, 1).</summary>
    /// <param name="values">Receives them: multiples of 2⁻⁵³.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="row">The row.</param>
    /// <param name="draw">The number of the draw.</param>
    public static void FillUniform(Span<double> values, ulong seed, RowKey row, int draw) => new PhiloxStream(seed, row).FillUniform(values, draw);

    /// <summary>A random order of 0 … count − 1, every order equally likely (Fisher and Yates; Lemire 2019, arXiv:1805.10941).</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="epoch">Which of the run's orders.</param>
    /// <param name="count">How many numbers; at least 0.</param>
    public static int[] Permutation(ulong seed, int epoch, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        var stream = new PhiloxStream(seed, new RowKey((uint)epoch, PermutationKey));
        Span<uint> words = stackalloc uint[PhiloxStream.Group];
        int used = 0;
        for (int left = count; left > 1; left--)
        {
            ulong product;
            do
            {
                if (used % PhiloxStream.Group == 0)
                    stream.Words(0, (uint)(used / PhiloxStream.Group), words);
                product = Math.BigMul(words[used++ % PhiloxStream.Group], (uint)left);
            }
            while ((uint)product < (uint)left && (uint)product < (uint)-left % (uint)left);
            int pick = (int)(product >> 32);
            (order[left - 1], order[pick]) = (order[pick], order[left - 1]);
        }
        return order;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The tensor has not one row for each of this source's.</exception>
    public Tensor Normal(int draw, Tensor like) => Draw(draw, like, (in PhiloxStream row, Span<float> values, int number) => row.FillNormal(values, number));

    /// <summary>Independent numbers, uniform in [0, 1): a fresh tensor that the caller owns.</summary>
    /// <param name="draw">The number of the draw: equal numbers give equal draws.</param>
    /// <param name="like">The tensor [B, ...] whose shape, type and device the draw has.</param>
    /// <exception cref="ArgumentException">The tensor has not one row for each of this source's.</exception>
    public Tensor Uniform(int draw, Tensor like) => Draw(draw, like, (in PhiloxStream row, Span<float> values, int number) => row.FillUniform(values, number));

    /// <summary>The same numbers of some of the rows.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">The number of rows; at least 1.</param>
    internal RowNoise Rows(int first, int count) => new(_rows[first..(first + count)]);

    /// <summary>0 with the probability of the rate, else 1/(1 − rate).</summary>
    internal Tensor DropoutMask(int draw, double rate, Tensor like) => Draw(draw, like, (in PhiloxStream row, Span<float> values, int number) =>
    {
        row.FillUniform(values, number);
        float kept = (float)(1 / (1 - rate));
        for (int i = 0; i < values.Length; i++)
            values[i] = values[i] < rate ? 0 : kept;
    });

    private Tensor Draw(int draw, Tensor like, Fill fill)
    {
        ArgumentNullException.ThrowIfNull(like);
        if (like.dim() == 0 || like.size(0) != _rows.Length)
            throw new ArgumentException($"The noise source has {Plural.Of(_rows.Length, "row")}, but the tensor is [{string.Join(", ", like.shape)}].", nameof(like));
        var host = empty(like.shape, ScalarType.Float32, CPU);
        var values = MemoryMarshal.Cast<byte, float>(host.bytes);
        int width = values.Length / _rows.Length;
        for (int row = 0; row < _rows.Length; row++)
            fill(_rows[row], values.Slice(row * width, width), draw);
        if (like.dtype == ScalarType.Float32 && like.device_type == TorchSharp.DeviceType.CPU)
            return host;
        using (host)
            return host.to(like.dtype, like.device);
    }
}
