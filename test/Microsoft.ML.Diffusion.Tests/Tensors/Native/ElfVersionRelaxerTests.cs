namespace Microsoft.ML.Diffusion.Tests.Tensors;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
public class ElfVersionRelaxerTests
{
    private static byte[] bridge = [];

    [ClassInitialize]
    public static void ReadBridge(TestContext _) => bridge = File.ReadAllBytes(NativeFiles.Bridge);

    [TestMethod]
    public void TryRelax_OnTheBridge_SetsOneBit()
    {
        byte[] image = [.. bridge];

        Assert.IsTrue(ElfVersionRelaxer.TryRelax(image));

        int[] changed = Enumerable.Range(0, image.Length).Where(i => image[i] != bridge[i]).ToArray();
        Assert.HasCount(1, changed);
        Assert.AreEqual(bridge[changed[0]] | 2, image[changed[0]]);
    }

    [TestMethod]
    public void TryRelax_Again_ChangesNothing()
    {
        byte[] image = [.. bridge];
        ElfVersionRelaxer.TryRelax(image);
        byte[] once = [.. image];

        Assert.IsFalse(ElfVersionRelaxer.TryRelax(image));
        Assert.AreSequenceEqual(once, image);
    }

    [TestMethod]
    public void TryRelax_OnAnyBeginningOfTheHeaders_LeavesItAlone()
    {
        // Every length of the file header, then steps through the rest: 997 is prime, so no alignment is favoured.
        var lengths = Enumerable.Range(0, 256).Concat(Enumerable.Range(1, (bridge.Length - 1) / 997).Select(n => n * 997));
        foreach (int length in lengths)
        {
            byte[] image = bridge[..length];

            Assert.IsFalse(ElfVersionRelaxer.TryRelax(image), $"length {length}");
            Assert.IsTrue(image.AsSpan().SequenceEqual(bridge.AsSpan(0, length)), $"length {length} was changed");
        }
    }

    [TestMethod]
    public void TryRelax_OnGarbageBehindAValidHeader_DoesNotThrow()
    {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            byte[] image = new byte[random.Next(64, 4096)];
            random.NextBytes(image);
            bridge.AsSpan(0, 16).CopyTo(image);
            BitConverter.TryWriteBytes(image.AsSpan(0x28), (ulong)random.Next(0, image.Length));   // sections within the image

            ElfVersionRelaxer.TryRelax(image);
        }
    }

    [TestMethod]
    public void TryRelax_WithDamagedHeaders_DoesNotThrow()
    {
        // The section table and the version records decide everything; hit single bytes of them.
        var random = new Random(2);
        int table = (int)BitConverter.ToUInt64(bridge, 0x28);
        byte[] image = [.. bridge];
        for (int round = 0; round < 500; round++)
        {
            int at = random.Next(4) == 0 ? random.Next(64) : random.Next(table, image.Length);
            byte original = image[at];
            image[at] = (byte)random.Next(256);

            byte[] copy = [.. image];
            ElfVersionRelaxer.TryRelax(copy);
            image[at] = original;
        }
    }

    [TestMethod]
    public void TryRelax_WhenARealSymbolNeedsTheVersion_LeavesItAlone()
    {
        byte[] image = [.. bridge];
        int marker = image.AsSpan().IndexOf("_ZSt21ios_base_library_initv\0"u8);
        image[marker + 5]++;   // the only symbol of the version is no longer the marker

        Assert.IsFalse(ElfVersionRelaxer.TryRelax(image));
    }

    [TestMethod]
    public void TryRelax_OnAnotherLibrary_LeavesItAlone()
    {
        byte[] image = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(NativeFiles.Core)!, "libc10.so"));

        Assert.IsFalse(ElfVersionRelaxer.TryRelax(image));
    }
}
