using System.Runtime.Intrinsics;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Two uniform words to two independent normal numbers (Box and Muller 1958): r = √(−2·ln u), (r·cos 2πv, r·sin 2πv). Logarithm, sine
/// and cosine are Cephes' single precision polynomials in a fixed order of operations: the same bits on every processor, which
/// library functions do not promise.
/// </summary>
internal static class BoxMuller
{
    /// <summary>Eight pairs; |numbers| ≤ 6.7, where the normal distribution has 2·10⁻¹¹ of its mass beyond.</summary>
    public static (Vector256<float> First, Vector256<float> Second) Pair(Vector256<uint> radius, Vector256<uint> angle)
    {
        // The upper 31 bits, centred in their cell: u in [2⁻³², 1].
        var u = Fma(Vector256.ConvertToSingle((radius >> 1).AsInt32()), Vector256.Create(1f / (1u << 31)), Vector256.Create(0.5f / (1u << 31)));
        var r = Vector256.Sqrt(Vector256.Max(Vector256.Create(-2f) * Log(u), Vector256<float>.Zero));
        var (sin, cos) = SinCosTurns(angle);
        return (r * cos, r * sin);
    }

    /// <summary>ln x of normal positive numbers.</summary>
    internal static Vector256<float> Log(Vector256<float> x)
    {
        // x = m·2^e with m in [√½, √2).
        var bits = x.AsInt32() - Vector256.Create(0x3F3504F3);
        var exponent = Vector256.ConvertToSingle(Vector256.ShiftRightArithmetic(bits, 23));
        var m = ((bits & Vector256.Create(0x007FFFFF)) + Vector256.Create(0x3F3504F3)).AsSingle();
        var f = m - Vector256<float>.One;
        var z = f * f;
        var p = Vector256.Create(7.0376836292e-2f);
        p = Fma(p, f, Vector256.Create(-1.1514610310e-1f));
        p = Fma(p, f, Vector256.Create(1.1676998740e-1f));
        p = Fma(p, f, Vector256.Create(-1.2420140846e-1f));
        p = Fma(p, f, Vector256.Create(1.4249322787e-1f));
        p = Fma(p, f, Vector256.Create(-1.6668057665e-1f));
        p = Fma(p, f, Vector256.Create(2.0000714765e-1f));
        p = Fma(p, f, Vector256.Create(-2.4999993993e-1f));
        p = Fma(p, f, Vector256.Create(3.3333331174e-1f));
        // ln 2 in two parts: the first times e is exact.
        var y = Fma(exponent, Vector256.Create(-2.12194440e-4f), p * f * z);
        y = Fma(Vector256.Create(-0.5f), z, y);
        return Fma(exponent, Vector256.Create(0.693359375f), f + y);
    }

    /// <summary>Sine and cosine of 2π·turns/2³². The nearest quarter turn is taken off exactly, in integers.</summary>
    internal static (Vector256<float> Sin, Vector256<float> Cos) SinCosTurns(Vector256<uint> turns)
    {
        var quarter = (turns + Vector256.Create(1u << 29)) >> 30;
        var x = Vector256.ConvertToSingle((turns - (quarter << 30)).AsInt32()) * Vector256.Create((float)(2 * Math.PI / 4294967296.0));
        var z = x * x;
        var s = Fma(Vector256.Create(-1.9515295891e-4f), z, Vector256.Create(8.3321608736e-3f));
        s = Fma(s, z, Vector256.Create(-1.6666654611e-1f));
        s = Fma(s * z, x, x);
        var c = Fma(Vector256.Create(2.443315711809948e-5f), z, Vector256.Create(-1.388731625493765e-3f));
        c = Fma(c, z, Vector256.Create(4.166664568298827e-2f));
        c = Fma(c * z, z, Fma(Vector256.Create(-0.5f), z, Vector256<float>.One));
        var odd = Vector256.Equals(quarter & Vector256<uint>.One, Vector256<uint>.One).AsSingle();
        var sin = Vector256.ConditionalSelect(odd, c, s).AsUInt32() ^ ((quarter & Vector256.Create(2u)) << 30);
        var cos = Vector256.ConditionalSelect(odd, s, c).AsUInt32() ^ (((quarter + Vector256<uint>.One) & Vector256.Create(2u)) << 30);
        return (sin.AsSingle(), cos.AsSingle());
    }

    private static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);
}
