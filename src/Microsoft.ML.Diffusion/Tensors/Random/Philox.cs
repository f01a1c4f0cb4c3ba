using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Philox4x32-10, a counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405):
/// any number of any stream without those before it. Integer arithmetic only, so every machine agrees.
/// </summary>
internal static class Philox
{
    /// <summary>The counters of a <see cref="Blocks"/> call.</summary>
    public const int Lanes = 8;

    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The four words of one counter.</summary>
    public static (uint W0, uint W1, uint W2, uint W3) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = Math.BigMul(Multiplier0, c0), product1 = Math.BigMul(Multiplier1, c2);
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += Weyl0;
            k1 += Weyl1;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>The words of eight counters that differ in their first number; word i of all counters comes in vector i.</summary>
    public static void Blocks(Vector256<uint> counter0, uint counter1, uint counter2, uint counter3, uint k0, uint k1,
        out Vector256<uint> w0, out Vector256<uint> w1, out Vector256<uint> w2, out Vector256<uint> w3)
    {
        var (c0, c1, c2, c3) = (counter0, Vector256.Create(counter1), Vector256.Create(counter2), Vector256.Create(counter3));
        for (int round = 0; round < Rounds; round++)
        {
            var high0 = MultiplyHigh(c0, Multiplier0);
            var high1 = MultiplyHigh(c2, Multiplier1);
            var low0 = c0 * Multiplier0;
            var low1 = c2 * Multiplier1;
            c0 = high1 ^ c1 ^ Vector256.Create(k0);
            c2 = high0 ^ c3 ^ Vector256.Create(k1);
            c1 = low1;
            c3 = low0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        (w0, w1, w2, w3) = (c0, c1, c2, c3);
    }

    private static Vector256<uint> MultiplyHigh(Vector256<uint> x, uint factor)
    {
        if (Avx2.IsSupported)
        {
            var factors = Vector256.Create(factor);
            var even = Avx2.Multiply(x, factors);
            var odd = Avx2.Multiply((x.AsUInt64() >> 32).AsUInt32(), factors);
            return ((even >> 32) | (odd & Vector256.Create(0xFFFFFFFF00000000ul))).AsUInt32();
        }
        var (low, high) = Vector256.Widen(x);
        return Vector256.Narrow((low * factor) >> 32, (high * factor) >> 32);
    }
}
