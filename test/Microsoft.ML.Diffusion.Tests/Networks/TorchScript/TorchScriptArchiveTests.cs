using System.IO.Compression;
using System.Text;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Archives that lie: each is refused before libtorch sees it.</summary>
[TestClass]
public sealed class TorchScriptArchiveTests
{
    private static readonly string[] Line = ["return torch.sum(x0, [1, 2, 3])"];

    [TestMethod]
    public void Read_EntryThatUnpacksToAGigabyte_IsRefusedWithoutUnpackingIt()
    {
        var entries = Entries();
        byte[] file = ScriptZip.Pack(entries.Append(new("code/__torch__/zeros.py", new byte[1 << 28])), level: CompressionLevel.SmallestSize);
        Assert.IsLessThan(1 << 20, file.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("unpacks to 268435456 bytes", Refused(file));
        // The file, a few times over, and what its directory says.
        Assert.IsLessThan(1 << 24, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [DataRow("../net/", "the one folder")]
    [DataRow("", "the one folder")]
    [DataRow("net/../", "the one folder")]
    [DataRow("net/./", "the one folder")]
    [DataRow("/net/", "the one folder")]
    [DataRow("net\\", "the one folder")]
    public void Read_PathsOutOfTheArchive_AreRefused(string folder, string words) => Assert.Contains(words, Refused(ScriptZip.Pack(Entries(), folder)));

    [TestMethod]
    public void Read_EntryTwice_IsRefused()
        => Assert.Contains("'data.pkl' is there twice", Refused(ScriptZip.Pack(Entries().Append(new("data.pkl", Entries()["data.pkl"])))));

    [TestMethod]
    [DataRow("version", "99\n", "its version is '99'; expected 1 to 10")]
    [DataRow("version", "\u00ff", "its version is")]
    [DataRow("byteorder", "big", "not little-endian")]
    [DataRow("data/0", "123", "has 3 bytes; expected 1 numbers")]
    [DataRow("data/0", null, "data/0 of a tensor is missing")]
    [DataRow("data.pkl", "\u0080\u0002cos\nsystem\n(X\u0002\0\0\0idtR.", "asks for 'os system'")]
    [DataRow("data.pkl", "\u0080\u0002ctorch._utils\n_rebuild_from_type_v2\n.", "_rebuild_from_type_v2'")]
    [DataRow("data.pkl", "\u0080\u0002ctorch\nQInt8Storage\n.", "QInt8Storage'")]
    [DataRow("data.pkl", "\u0080\u0002N.", "holds no module")]
    [DataRow("data.pkl", "\u0080\u0002", "ends too early")]
    [DataRow("data.pkl", "\u0080\u0002X\u00ff\u00ff\u00ff\u007f.", "ends too early")]
    [DataRow("data.pkl", "\u0080\u00020.", "instruction 0x30")]
    [DataRow("data.pkl", "\u0080\u0002h\u0005.", "asks for what it did not keep")]
    [DataRow("data.pkl", "\u0080\u0002c__torch__\nNet\n)\u0081q\0}(X\u0001\0\0\0wh\0X\u0008\0\0\0training\u0088ub.", "holds a __torch__.Net for 'w'; expected Tensor")]
    [DataRow("data.pkl", "\u0080\u0002c__torch__\nNet\n)\u0081}(X\u0001\0\0\0wK\u0001X\u0008\0\0\0training\u0088ub.", "holds an int for 'w'; expected Tensor")]
    [DataRow("data.pkl", "\u0080\u0002c__torch__\nNet\n)\u0081}(X\u0008\0\0\0training\u0088ub.", "holds no 'w'")]
    [DataRow("data.pkl", "\u0080\u0002c__torch__\nOther\n)\u0081}b.", "of which the file has no class")]
    [DataRow("constants.pkl", "\u0080\u0002(K\u0001t.", "holds an int for a constant")]
    [DataRow("constants.pkl", "\u0080\u0002].", "holds no tuple")]
    [DataRow("code/os/path.py", "", "does not begin with __torch__")]
    [DataRow("code/__torch__/a-b.py", "", "made of something else than names")]
    public void Read_OneEntryOfItsOwnMind_IsRefused(string name, string? content, string words)
    {
        var entries = Entries();
        entries.Remove(name);
        if (content is not null)
            entries.Add(name, Encoding.Latin1.GetBytes(content));
        Assert.Contains(words, Refused(ScriptZip.Pack(entries)));
    }

    [TestMethod]
    [DataRow(new[] { 2 }, null, "reaches beyond its 1 numbers")]
    [DataRow(new[] { 1, 2 }, new[] { 0, 1 }, "reaches beyond its 1 numbers")]
    [DataRow(new[] { -1 }, new[] { 1 }, "impossible sizes")]
    [DataRow(new[] { 1 }, new[] { -1 }, "impossible sizes")]
    [DataRow(new[] { 1 }, new[] { 1, 1 }, "impossible sizes")]
    [DataRow(new[] { int.MaxValue, int.MaxValue }, new[] { 0, 0 }, "makes 4611686014132420609 numbers of 1")]
    public void Read_TensorOutsideOfItsNumbers_IsRefused(int[] shape, int[]? strides, string words)
        => Assert.Contains(words, Refused(new TorchScriptArchive().Add("w", [0.5f], shape, strides: strides).Write("x0: Tensor", Line)));

    [TestMethod]
    public void Read_TwoTensorsThatCallOneEntryDifferently_AreRefused()
    {
        var module = new ScriptObject("__torch__.Net", ("a", new ScriptTensor([1, 2], [2])), ("b", new ScriptTensor([1], [1])), ("training", true));
        var entries = ScriptZip.Entries(module, new Dictionary<string, string> { ["__torch__"] = "class Net(Module):\n  a : Tensor\n  b : Tensor\n  training : bool\n" });
        byte[] pickle = entries["data.pkl"];
        int second = Encoding.Latin1.GetString(pickle).LastIndexOf("X\u0001\0\0\0" + "1", StringComparison.Ordinal);
        pickle[second + 5] = (byte)'0';
        Assert.Contains("of different types", Refused(ScriptZip.Pack(entries)));
    }

    [TestMethod]
    public void Read_EveryByteOfAFileChangedInTurn_EndsInThePromisedExceptionOrWell()
    {
        byte[] file = ScriptZip.Pack(TorchScriptSamples.Formula);
        for (int i = 0; i < file.Length; i++)
        {
            file[i] ^= 0x55;
            try
            {
                _ = new TorchScriptObjective(file);
            }
            catch (ArgumentException)
            {
            }
            file[i] ^= 0x55;
        }
    }

    [TestMethod]
    public void Operators_OfTheList_AreAllKnownToLibtorch()
    {
        // An operator that is not there is named so by libtorch; one that is there asks for other arguments, or takes these.
        string[] names = [.. PermittedOperators.Names.Order()];
        byte[][] files = [.. names.Select(name => new TorchScriptArchive().Add("w", [0.5f], [1]).Write("x0: Tensor", $"y = ops.{name.Replace("::", ".", StringComparison.Ordinal)}()", Line[0]))];
        string[] lines = ScriptProbeProgram.RunFiles(files);
        for (int i = 0; i < names.Length; i++)
            Assert.DoesNotContain("Unknown builtin op", lines[i], names[i]);
        Assert.Contains("Arguments for call are not valid", string.Concat(lines));
    }

    private static Dictionary<string, byte[]> Entries() => new TorchScriptArchive().Add("w", [0.5f], [1]).Entries("x0: Tensor", Line);

    private static string Refused(byte[] file) => Assert.ThrowsExactly<ArgumentException>(() => new TorchScriptObjective(file)).Message;
}
