using System.Text;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class SafetensorsTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}""";

    [TestMethod]
    [DataRow("F32")]
    [DataRow("F16")]
    [DataRow("BF16")]
    public void Write_ThenRead_SameTensorsAndMetadata(string code)
    {
        var type = SafetensorsType.Find(code)!;
        float[] values = [0, 1, -2.5f, 65504, float.PositiveInfinity, float.NaN];
        // BF16 has 8 bits of significand: 65504 rounds to 65536.
        float[] expected = type == SafetensorsType.BF16 ? [0, 1, -2.5f, 65536, float.PositiveInfinity, float.NaN] : values;
        using var stream = new MemoryStream();
        var writer = new SafetensorsWriter(stream, [new("empty", type, 0), new("x", type, 2, 3), new("one \"ü\"", SafetensorsType.I32)], new Dictionary<string, string> { ["k"] = "v" });
        writer.Write(values.AsSpan(0, 4));
        writer.Write(values.AsSpan(4));
        Assert.ThrowsExactly<InvalidOperationException>(writer.Complete);
        writer.Write((ReadOnlySpan<byte>)[1, 2, 0, 0]);
        writer.Complete();

        var reader = new SafetensorsReader(new Unseekable(stream.ToArray()));
        Assert.AreEqual("v", reader.Metadata["k"]);
        Assert.AreSequenceEqual(new[] { $"empty {type} [0]", $"x {type} [2, 3]", "one \"ü\" I32 []" }, reader.Entries.Select(entry => entry.ToString()).ToArray());
        Assert.IsTrue(reader.Next());
        Assert.IsTrue(reader.Next());
        var read = new float[6];
        reader.ReadSingle(read.AsSpan(0, 1));
        reader.ReadSingle(read.AsSpan(1));
        Assert.AreSequenceEqual(expected, read);
        Assert.IsTrue(reader.Next());
        reader.ReadSingle(read.AsSpan(0, 1));
        Assert.AreEqual(513, read[0]);
        Assert.IsFalse(reader.Next());
    }

    [TestMethod]
    public void Read_UnreadTensors_AreSkippedAndTheEndIsChecked()
    {
        var reader = new SafetensorsReader(new Unseekable(Document(Good, 9)));
        Assert.IsTrue(reader.Next());
        Assert.IsTrue(reader.Next());
        Assert.IsFalse(reader.Next());
        foreach (int bytes in new[] { 8, 10 })
        {
            Refused(Document(Good, bytes), "9 bytes");
            var streamed = new SafetensorsReader(new Unseekable(Document(Good, bytes)));
            Assert.ThrowsExactly<InvalidDataException>(() => { while (streamed.Next()) { } });
        }
    }

    [TestMethod]
    [DataRow("[]", "object")]
    [DataRow("{} {}", "")]
    [DataRow("", "")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "'a' occurs twice")]
    [DataRow("""{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}""", "dtype 'F99'")]
    [DataRow("""{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", "dtype 'f32'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "shape of 'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", "shape of 'a' holds -1")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "too large")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", "two data_offsets")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "data_offsets are [4, 0]")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", "takes 4 bytes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "begins at byte 4")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "begins at byte 0")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", "unknown or repeated field 'x'")]
    [DataRow("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", "needs a dtype")]
    [DataRow("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""", "no whole bytes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}}""", "shape of 'a'")]
    [DataRow("""{"a":{"dtype":"F64","shape":[9223372036854775807],"data_offsets":[0,4]}}""", "too large")]
    [DataRow("""{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", "shape of 'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":[[[[[1]]]]]}}""", "unknown or repeated field 'more'")]
    [DataRow("""{"a":[[[[[[1]]]]]]}""", "tensor 'a'")]
    [DataRow("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "not the JSON of one")]
    [DataRow("""{"__metadata__":{"a":1}}""", "string")]
    [DataRow("""{"__metadata__":{"a":"1","a":"2"}}""", "'a' occurs twice")]
    [DataRow("""{"__metadata__":{"a":null}}""", "string")]
    [DataRow("""{"__metadata__":[]}""", "__metadata__ is not a JSON object")]
    [DataRow("""{"__metadata__":"null"}""", "__metadata__ is not a JSON object")]
    [DataRow("""{"__metadata__":null,"__metadata__":{}}""", "'__metadata__' occurs twice")]
    public void Read_MalformedHeader_RefusedWithTheReason(string header, string reason) => Refused(Document(header, 4), reason);

    [TestMethod]
    [DataRow("""{"__metadata__":null,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"__metadata__": null }""")]
    public void Read_MetadataNull_AreNone(string header)
    {
        // As the reference reads it.
        var reader = new SafetensorsReader(new MemoryStream(Document(header, 4)));
        Assert.IsEmpty(reader.Metadata);
        Assert.AreEqual("a", Assert.ContainsSingle(reader.Entries).Name);
    }

    [TestMethod]
    public void Read_FalseHeaderLength_RefusedWithoutAllocatingIt()
    {
        foreach (ulong length in new[] { 100_000_001ul, 99_999_999ul, ulong.MaxValue, 1ul << 63 })
            foreach (bool seeks in new[] { true, false })
            {
                byte[] bytes = [.. BitConverter.GetBytes(length), (byte)'{', (byte)'}'];
                long before = GC.GetAllocatedBytesForCurrentThread();
                Assert.ThrowsExactly<InvalidDataException>(() => new SafetensorsReader(seeks ? new MemoryStream(bytes) : new Unseekable(bytes)));
                // One piece of a megabyte, and change.
                Assert.IsLessThan(4_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
            }
    }

    [TestMethod]
    public void Read_ShapeOfManySizesOrLongNames_RefusedInFewWords()
    {
        string ones = string.Join(",", Enumerable.Repeat("1", 1_000_000)), name = new('n', 1_000_000);
        Refused(Document($$$"""{"a":{"dtype":"F32","shape":[{{{ones}}}],"data_offsets":[0,4]}}""", 4), "shape of 'a' holds more than 64 numbers");
        foreach (string header in new[] { $$$"""{"{{{name}}}":1}""", $$$"""{"a":{"dtype":"{{{name}}}"}}""", $$$"""{"__metadata__":{"{{{name}}}":1}}""" })
            Assert.IsLessThan(1000, Assert.ThrowsExactly<InvalidDataException>(() => new SafetensorsReader(new MemoryStream(Document(header, 4)))).Message.Length);
    }

    [TestMethod]
    public void Entry_ThatNoFileCanHold_Refused()
    {
        Assert.Contains("negative size, -1", Assert.ThrowsExactly<ArgumentException>(() => new SafetensorsEntry("a", SafetensorsType.F32, 2, -1)).Message);
        Assert.Contains("too large", Assert.ThrowsExactly<ArgumentException>(() => new SafetensorsEntry("a", SafetensorsType.F64, long.MaxValue / 4)).Message);
        Assert.Contains("65 dimensions", Assert.ThrowsExactly<ArgumentException>(() => new SafetensorsEntry("a", SafetensorsType.F32, new long[65])).Message);
        Assert.AreEqual(3, new SafetensorsEntry("a", SafetensorsType.F6E2M3, 2, 2).ByteCount);
    }

    [TestMethod]
    public void Write_NameTwice_Refused() =>
        Assert.ThrowsExactly<ArgumentException>(() => new SafetensorsWriter(Stream.Null, [new("a", SafetensorsType.F32, 1), new("a", SafetensorsType.F32, 1)]));

    private static byte[] Document(string header, int dataBytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[dataBytes]];
    }

    private static void Refused(byte[] file, string reason) =>
        Assert.Contains(reason, Assert.ThrowsExactly<InvalidDataException>(() => new SafetensorsReader(new MemoryStream(file))).Message);

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();
    }
}
