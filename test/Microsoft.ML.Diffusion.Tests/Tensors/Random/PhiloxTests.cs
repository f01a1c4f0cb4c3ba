using System.Runtime.Intrinsics;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class PhiloxTests
{
    // Known answers of Random123 (kat_vectors, philox4x32 10).
    [TestMethod]
    [DataRow(new uint[] { 0, 0, 0, 0 }, new uint[] { 0, 0 }, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [DataRow(new uint[] { ~0u, ~0u, ~0u, ~0u }, new uint[] { ~0u, ~0u }, new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [DataRow(new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, new uint[] { 0xa4093822, 0x299f31d0 }, new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void Block_KnownCounters_KnownAnswers(uint[] counter, uint[] key, uint[] expected)
    {
        var (w0, w1, w2, w3) = Philox.Block(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
        Assert.AreSequenceEqual(expected, new[] { w0, w1, w2, w3 });
    }

    [TestMethod]
    public void Blocks_EightCounters_EqualBlockByBlock()
    {
        var counters = Vector256.Create(0u, 1, 2, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x12345678, 42);
        Philox.Blocks(counters, 5, 0xDEADBEEF, 0xFFFFFFFF, 7, 0xCAFEBABE, out var w0, out var w1, out var w2, out var w3);
        for (int lane = 0; lane < Philox.Lanes; lane++)
            Assert.AreEqual(Philox.Block(counters[lane], 5, 0xDEADBEEF, 0xFFFFFFFF, 7, 0xCAFEBABE), (w0[lane], w1[lane], w2[lane], w3[lane]), $"lane {lane}");
    }
}
