using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The random numbers of one row. Philox of the row's 128-bit identity under the seed gives 128 bits, half of which become the key
/// and half the upper counter of the row's own numbers; the lower counter is (position, draw).
/// </summary>
internal readonly struct PhiloxStream
{
    /// <summary>Numbers come in groups of this size; any range is the start of whole groups.</summary>
    public const int Group = 4 * Philox.Lanes;

    private readonly uint _key0, _key1, _row0, _row1;

    public PhiloxStream(ulong seed, RowKey row)
    {
        var (w0, w1, w2, w3) = Philox.Block((uint)row.Low, (uint)(row.Low >> 32), (uint)row.High, (uint)(row.High >> 32), (uint)seed, (uint)(seed >> 32));
        (_key0, _key1, _row0, _row1) = (w0, w1, w2, w3);
    }

    /// <summary>The words of a group of a draw.</summary>
    public void Words(int draw, uint group, out Vector256<uint> w0, out Vector256<uint> w1, out Vector256<uint> w2, out Vector256<uint> w3)
    {
        var counter = Vector256.Create(group * Philox.Lanes) + Vector256<uint>.Indices;
        Philox.Blocks(counter, (uint)draw, _row0, _row1, _key0, _key1, out w0, out w1, out w2, out w3);
    }

    /// <summary>The words of a group of a draw, in order.</summary>
    public void Words(int draw, uint group, Span<uint> words)
    {
        Words(draw, group, out var w0, out var w1, out var w2, out var w3);
        w0.CopyTo(words);
        w1.CopyTo(words[8..]);
        w2.CopyTo(words[16..]);
        w3.CopyTo(words[24..]);
    }

    /// <summary>Standard normal numbers.</summary>
    public void FillNormal(Span<float> values, int draw)
    {
        uint group = 0;
        for (; values.Length >= Group; values = values[Group..])
            NormalGroup(ref MemoryMarshal.GetReference(values), draw, group++);
        if (values.Length == 0)
            return;
        Span<float> last = stackalloc float[Group];
        NormalGroup(ref MemoryMarshal.GetReference(last), draw, group);
        last[..values.Length].CopyTo(values);
    }

    /// <summary>Uniform numbers in [0, 1), multiples of 2⁻²⁴.</summary>
    public void FillUniform(Span<float> values, int draw)
    {
        Span<uint> words = stackalloc uint[Group];
        for (int i = 0; i < values.Length; i++)
        {
            if (i % Group == 0)
                Words(draw, (uint)(i / Group), words);
            values[i] = (words[i % Group] >> 8) * (1f / (1 << 24));
        }
    }

    /// <summary>Uniform numbers in [0, 1), multiples of 2⁻⁵³: two words each.</summary>
    public void FillUniform(Span<double> values, int draw)
    {
        Span<uint> words = stackalloc uint[Group];
        for (int i = 0; i < values.Length; i++)
        {
            int pair = 2 * i % Group;
            if (pair == 0)
                Words(draw, (uint)(2 * i / Group), words);
            values[i] = (((ulong)words[pair] << 32 | words[pair + 1]) >> 11) * (1.0 / (1ul << 53));
        }
    }

    private void NormalGroup(ref float destination, int draw, uint group)
    {
        Words(draw, group, out var w0, out var w1, out var w2, out var w3);
        var (a, b) = BoxMuller.Pair(w0, w1);
        var (c, d) = BoxMuller.Pair(w2, w3);
        a.StoreUnsafe(ref destination);
        b.StoreUnsafe(ref destination, 8);
        c.StoreUnsafe(ref destination, 16);
        d.StoreUnsafe(ref destination, 24);
    }
}
