using System.Runtime.Intrinsics;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class BoxMullerTests
{
    [TestMethod]
    public void Log_OverTheUnitInterval_WithinTwoUnitsInTheLastPlace()
    {
        for (double exponent = -32; exponent < 0; exponent += 0.0137)
        {
            float x = (float)Math.Pow(2, exponent);
            double expected = Math.Log(x);
            // Cephes states 1 ulp; the order of the last sums may cost another.
            Assert.AreEqual(expected, BoxMuller.Log(Vector256.Create(x))[0], 2 * (MathF.BitIncrement((float)Math.Abs(expected)) - (float)Math.Abs(expected)), $"ln {x}");
        }
        Assert.AreEqual(0, BoxMuller.Log(Vector256<float>.One)[0]);
    }

    [TestMethod]
    public void SinCosTurns_AllQuadrantsAndTheirEdges_WithinRounding()
    {
        uint[] edges = [0, 1, (1u << 29) - 1, 1u << 29, 1u << 30, 3u << 29, 1u << 31, (1u << 31) + 1, 3u << 30, uint.MaxValue];
        for (uint i = 0; i < 3000; i++)
        {
            uint turns = i < edges.Length ? edges[i] : i * 2654435761u;
            double angle = 2 * Math.PI * turns / 4294967296.0;
            var (sin, cos) = BoxMuller.SinCosTurns(Vector256.Create(turns));
            // A Float32 near 1 is rounded to 6e-8; the argument, at most π/4, and the polynomial add as much.
            Assert.AreEqual(Math.Sin(angle), sin[0], 1.5e-7, $"sin of {turns}");
            Assert.AreEqual(Math.Cos(angle), cos[0], 1.5e-7, $"cos of {turns}");
        }
    }

    [TestMethod]
    public void Pair_ExtremeWords_Finite()
    {
        foreach (uint radius in new[] { 0u, 1u, uint.MaxValue })
        {
            var (first, second) = BoxMuller.Pair(Vector256.Create(radius), Vector256.Create(0u));
            // √(−2·ln 2⁻³²) = 6.66 at the least uniform number.
            Assert.IsTrue(first[0] is >= 0 and < 6.7f && second[0] == 0, $"{radius}: {first[0]}, {second[0]}");
        }
    }
}
