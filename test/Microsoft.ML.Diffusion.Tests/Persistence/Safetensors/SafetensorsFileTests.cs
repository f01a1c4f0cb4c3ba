using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SafetensorsFileTests
{
    private static readonly ScalarType[] TensorTypes = [ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64,
        ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64, ScalarType.ComplexFloat32];

    private readonly string _folder = Directory.CreateTempSubdirectory("mldiffusion-").FullName;

    private string SomeFile => Path.Combine(_folder, "a.safetensors");

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Save_ThenRead_SameTensorsOfEveryType()
    {
        using var scope = NewDisposeScope();
        var tensors = TensorTypes.ToDictionary(type => $"層 \"{type}\"", type => arange(0, 6, ScalarType.Int64).view(2, 3).to(type));
        tensors.Add("scalar", tensor(2.5f));
        tensors.Add("empty", empty(0, 4));
        tensors.Add("columns", arange(0, 6, ScalarType.Float32).view(2, 3).t());
        tensors.Add("conjugate", complex(ones(2), ones(2)).conj());
        SafetensorsFile.Save(SomeFile, tensors, new Dictionary<string, string> { ["z"] = "<é>", ["a"] = "" });

        using var file = SafetensorsFile.Open(SomeFile);
        Assert.HasCount(tensors.Count, file.Entries);
        Assert.AreEqual("<é>", file.Metadata["z"]);
        Assert.AreEqual("", file.Metadata["a"]);
        foreach (var (name, expected) in tensors)
        {
            var read = file.Read(name);
            Assert.AreEqual(expected.dtype, read.dtype, name);
            Assert.AreSequenceEqual(expected.shape, read.shape, name);
            Assert.IsTrue(expected.eq(read).all().item<bool>(), name);
        }
    }

    [TestMethod]
    public void Save_TensorsInAnyOrder_AlignedAndTheSameBytes()
    {
        using var scope = NewDisposeScope();
        var tensors = TensorTypes.ToDictionary(type => type.ToString(), type => ones(3, ScalarType.Int64).to(type));
        var metadata = new Dictionary<string, string> { ["b"] = "1", ["a"] = "2" };
        SafetensorsFile.Save(SomeFile, tensors, metadata);
        byte[] bytes = File.ReadAllBytes(SomeFile);
        SafetensorsFile.Save(SomeFile, tensors.Reverse().ToDictionary(), metadata.Reverse().ToDictionary());
        Assert.AreSequenceEqual(bytes, File.ReadAllBytes(SomeFile));
        Assert.AreEqual(0L, BitConverter.ToInt64(bytes) % 8);
        Assert.StartsWith("""{"__metadata__":{"a":"2","b":"1"},"Int64":{"dtype":"I64","shape":[3],"data_offsets":[0,24]},"Float64":""", Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes)));

        // Wider types first: every tensor begins at a multiple of its numbers' size.
        using var file = SafetensorsFile.Open(SomeFile);
        long at = 0;
        foreach (var entry in file.Entries)
        {
            Assert.AreEqual(0L, at % Math.Min(entry.Type.Bits / 8, entry.Type == SafetensorsType.C64 ? 4 : 8), entry.ToString());
            at += entry.ByteCount;
        }
    }

    [TestMethod]
    public void Save_ThenRead_LeavesNoTensors()
    {
        using var x = ones(3);
        var tensors = new Dictionary<string, Tensor> { ["x"] = x };
        TensorLeak.AssertNone(() =>
        {
            SafetensorsFile.Save(SomeFile, tensors);
            using var file = SafetensorsFile.Open(SomeFile);
            file.Read("x").Dispose();
        });
    }

    [TestMethod]
    public void Save_Failure_LeavesOlderFileAndNothingElse()
    {
        using var x = ones(3);
        using var unknown = ones(3, ScalarType.ComplexFloat64);
        SafetensorsFile.Save(SomeFile, new Dictionary<string, Tensor> { ["x"] = x });
        byte[] before = File.ReadAllBytes(SomeFile);
        var disposed = ones(3);
        var tensors = new Dictionary<string, Tensor> { ["x"] = x, ["y"] = disposed };
        Assert.Contains("'u' is ComplexFloat64", Assert.ThrowsExactly<ArgumentException>(() => SafetensorsFile.Save(SomeFile, new Dictionary<string, Tensor> { ["u"] = unknown })).Message);
        Assert.Contains("reserved", Assert.ThrowsExactly<ArgumentException>(() => SafetensorsFile.Save(SomeFile, new Dictionary<string, Tensor> { ["__metadata__"] = x })).Message);
        Assert.ThrowsExactly<ArgumentException>(() => SafetensorsFile.Save(SomeFile, new Dictionary<string, Tensor> { ["\ud800"] = x }));
        disposed.Dispose();
        Assert.ThrowsExactly<InvalidOperationException>(() => SafetensorsFile.Save(SomeFile, tensors));
        Assert.AreSequenceEqual(before, File.ReadAllBytes(SomeFile));
        Assert.AreSequenceEqual(new[] { SomeFile }, Directory.GetFiles(_folder));
    }

    // From the formats' tables of largest, smallest and special values.
    [TestMethod]
    [DataRow("F8_E5M2", new byte[] { 0x3C, 0xBC, 0x7B, 0x04, 0x01, 0x80, 0x7C, 0xFC, 0x7D }, new[] { 1, -1, 57344, 6.103515625e-5, 1.52587890625e-5, -0.0, double.PositiveInfinity, double.NegativeInfinity, double.NaN })]
    [DataRow("F8_E4M3", new byte[] { 0x38, 0xB8, 0x7E, 0x08, 0x01, 0x7F, 0xFF }, new[] { 1, -1, 448, 0.015625, 0.001953125, double.NaN, double.NaN })]
    [DataRow("F8_E4M3FNUZ", new byte[] { 0x40, 0xC0, 0x7F, 0x01, 0x00, 0x80 }, new[] { 1, -1, 240, 0.0009765625, 0, double.NaN })]
    [DataRow("F8_E5M2FNUZ", new byte[] { 0x40, 0xC0, 0x7F, 0x01, 0x00, 0x80 }, new[] { 1, -1, 57344, 7.62939453125e-6, 0, double.NaN })]
    [DataRow("F8_E8M0", new byte[] { 127, 128, 0, 254, 255 }, new[] { 1, 2, 5.877471754111438e-39, 1.7014118346046923e+38, double.NaN })]
    [DataRow("U16", new byte[] { 0xFF, 0xFF, 1, 0 }, new double[] { 65535, 1 })]
    [DataRow("U32", new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, new double[] { 4294967295 })]
    [DataRow("U64", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x40 }, new[] { 4611686018427387904.0 })]
    public void Read_TypeThatTorchLacks_SameNumbersInAWiderOne(string code, byte[] bytes, double[] expected)
    {
        var type = SafetensorsType.Find(code)!;
        Write(new SafetensorsEntry("x", type, expected.Length), bytes);
        using var file = SafetensorsFile.Open(SomeFile);
        using var x = file.Read("x");
        Assert.AreEqual(type.TensorType, x.dtype);
        using var doubles = x.to(ScalarType.Float64);
        Assert.AreSequenceEqual(expected, doubles.data<double>().ToArray());

        var reader = new SafetensorsReader(new MemoryStream(File.ReadAllBytes(SomeFile)));
        var singles = new float[expected.Length];
        reader.Next();
        reader.ReadSingle(singles);
        Assert.AreSequenceEqual(expected.Select(value => (float)value), singles);
    }

    [TestMethod]
    public void Read_ManyNumbersOfAWiderType_EveryOneInItsPlace()
    {
        // More than a piece of the file, and no multiple of it.
        ushort[] numbers = [.. Enumerable.Range(0, 100_001).Select(i => (ushort)i)];
        Write(new SafetensorsEntry("x", SafetensorsType.U16, numbers.Length), MemoryMarshal.AsBytes(numbers.AsSpan()));
        using var file = SafetensorsFile.Open(SomeFile);
        using var x = file.Read("x");
        Assert.AreSequenceEqual(numbers.Select(number => (int)number), x.data<int>().ToArray());
    }

    [TestMethod]
    public void Read_NumbersThatNoTensorHolds_RefusedButBytesAreRead()
    {
        Write(new SafetensorsEntry("x", SafetensorsType.F4, 4), [0x12, 0x34]);
        using (var file = SafetensorsFile.Open(SomeFile))
        {
            Assert.Contains("F4", Assert.ThrowsExactly<NotSupportedException>(() => file.Read("x")).Message);
            var bytes = new byte[1];
            file.ReadBytes("x", bytes, 1);
            Assert.AreEqual(0x34, bytes[0]);
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => file.ReadBytes("x", bytes, 2));
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => file.ReadBytes("x", bytes, -1));
            Assert.Contains("no tensor 'y'; it has 1", Assert.ThrowsExactly<KeyNotFoundException>(() => file.Read("y")).Message);
            Assert.IsNull(file.Find("y"));
        }
        ReadRefused(SafetensorsType.U64, [0, 0, 0, 0, 0, 0, 0, 0x80], "exceeds Int64");
        ReadRefused(SafetensorsType.Bool, [2], "neither 0 nor 1");
    }

    [TestMethod]
    public void Open_MalformedFile_NamesFileAndReason()
    {
        File.WriteAllBytes(SomeFile, [1, 2, 3]);
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(SomeFile));
        Assert.Contains(SomeFile, exception.Message);
        Assert.Contains("ends within the length of the header", exception.Message);
        // It is closed again: another process may replace it.
        File.Move(SomeFile, SomeFile + ".old");
        Assert.ThrowsExactly<FileNotFoundException>(() => SafetensorsFile.Open(SomeFile));
    }

    [TestMethod]
    public void Open_ClaimOfATerabyte_RefusedWithoutAllocatingIt()
    {
        byte[] header = """{"a":{"dtype":"U8","shape":[1000000000000],"data_offsets":[0,1000000000000]}}"""u8.ToArray();
        File.WriteAllBytes(SomeFile, [.. BitConverter.GetBytes((long)header.Length), .. header, 1, 2, 3]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("1000000000000 bytes, 3 follow", Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(SomeFile)).Message);
        // A few objects and two messages.
        Assert.IsLessThan(100_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Read_FileThatWasCut_Refused()
    {
        Write(new SafetensorsEntry("x", SafetensorsType.U8, 4), [1, 2, 3, 4]);
        using var file = SafetensorsFile.Open(SomeFile);
        using (var stream = new FileStream(SomeFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            stream.SetLength(stream.Length - 1);
        Assert.Contains("ends within tensor x", Assert.ThrowsExactly<InvalidDataException>(() => file.Read("x")).Message);
    }

    [TestMethod]
    public void OpenAndRead_RandomDamage_ReadsOrThrowsTheOneException()
    {
        using (NewDisposeScope())
        {
            var tensors = TensorTypes.ToDictionary(type => type.ToString(), type => ones(3, ScalarType.Int64).to(type));
            SafetensorsFile.Save(SomeFile, tensors, new Dictionary<string, string> { ["format"] = "pt" });
        }
        byte[] good = File.ReadAllBytes(SomeFile);
        var random = new Random(1);
        int read = 0, refused = 0;
        for (int run = 0; run < 4000; run++)
        {
            byte[] bytes = [.. good];
            // Most of the file is header: a flip of data alone is rare, and reads fine.
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (run % 4 == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            File.WriteAllBytes(SomeFile, bytes);
            try
            {
                using var file = SafetensorsFile.Open(SomeFile);
                foreach (var entry in file.Entries)
                    file.Read(entry.Name).Dispose();
                read++;
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(100, read);
        Assert.IsGreaterThan(100, refused);
    }

    private void ReadRefused(SafetensorsType type, byte[] bytes, string reason)
    {
        Write(new SafetensorsEntry("x", type, 1), bytes);
        using var file = SafetensorsFile.Open(SomeFile);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => file.Read("x")).Message;
        Assert.Contains(reason, message);
        Assert.Contains(SomeFile, message);
    }

    private void Write(SafetensorsEntry entry, ReadOnlySpan<byte> bytes)
    {
        using var stream = File.Create(SomeFile);
        var writer = new SafetensorsWriter(stream, [entry]);
        writer.Write(bytes);
        writer.Complete();
    }
}
