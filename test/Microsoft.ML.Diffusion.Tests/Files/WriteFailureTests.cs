using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>What can not be written says which path was given and why; nothing that fails late is taken for written.</summary>
[TestClass]
public sealed class WriteFailureTests
{
    private readonly string _root = Directory.CreateTempSubdirectory("mldiffusion-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_root, recursive: true);

    public static IEnumerable<object[]> Writers =>
    [
        ["file", (Action<string>)(path => AtomicFile.Write(path, "text"))],
        ["folder", (Action<string>)(path => AtomicFolder.Write(path, [("a.txt", stream => stream.WriteByte(1))]))],
    ];

    [TestMethod]
    [DynamicData(nameof(Writers))]
    public void Write_BelowAFile_NamesThePathAndTheFile(string what, Action<string> write)
    {
        string file = Path.Combine(_root, "a.txt");
        File.WriteAllText(file, "");
        foreach (string path in new[] { Path.Combine(file, "model"), Path.Combine(file, "b", "c", "model") })
            Assert.AreEqual($"'{path}' can not be written: '{file}' is a file, not a folder.", Refusal(write, path), what);
        Assert.HasCount(1, Directory.GetFileSystemEntries(_root));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DynamicData(nameof(Writers))]
    public void Write_WhereTheSystemTakesNoFiles_NamesThePathAndNoOther(string what, Action<string> write)
    {
        foreach (string path in new[] { "/proc/model", "/proc/there/is/none/model", "/dev/full/model" })
        {
            string message = Refusal(write, path);
            Assert.StartsWith($"'{path}' can not be written: ", message, what);
            Assert.DoesNotContain(".mldiffusion", message, what);
            Assert.DoesNotContain("already exists", message, what);
        }
        Assert.Contains("no new files can be made in its folder", Refusal(Write, "/proc/model"));

        static void Write(string path) => AtomicFile.Write(path, "");
    }

    [TestMethod]
    public void WriteFolder_WhereThereIsAFileOrAFullFolder_SaysWhich()
    {
        string file = Path.Combine(_root, "a.txt");
        File.WriteAllText(file, "");
        Assert.Contains("it is a file", Refusal(path => AtomicFolder.Write(path, []), file));
        Assert.Contains("the folder is not empty", Refusal(path => AtomicFolder.Write(path, []), _root));
    }

    [TestMethod]
    public void Write_FailureOfTheStream_NamesThePathAsGiven()
    {
        string path = Path.Combine(_root, "x", "..", "model.bin");
        string message = Refusal(given => AtomicFile.Write(given, stream => throw new IOException($"No space left on device : '{((FileStream)stream).Name}'")), path);
        Assert.AreEqual($"'{path}' can not be written: No space left on device : '{path}'", message);
    }

    [TestMethod]
    public void SaveSafetensors_StreamThatFailsAnywhereOrWhenFlushed_Throws()
    {
        using var parameters = FlatParameters.Create([new NetworkParameter("weight", [64, 8], Initializer.Zeros)], 1, CPU, Precision.Float32, trainable: false);
        using var whole = new MemoryStream();
        parameters.SaveSafetensors(whole);
        for (long limit = 0; limit < whole.Length; limit += 97)
            Assert.ThrowsExactly<IOException>(() => parameters.SaveSafetensors(new FullStream(limit)));
        Assert.ThrowsExactly<IOException>(() => parameters.SaveSafetensors(new FullStream(long.MaxValue)));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void SaveSafetensors_FullDevice_Throws()
    {
        using var parameters = FlatParameters.Create([new NetworkParameter("weight", [8, 8], Initializer.Zeros)], 1, CPU, Precision.Float32, trainable: false);
        // Less than the buffer of the stream, which would keep it until the stream is closed.
        var stream = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
        Assert.ThrowsExactly<IOException>(() => parameters.SaveSafetensors(stream));
        Assert.ThrowsExactly<IOException>(stream.Dispose);
    }

    private static string Refusal(Action<string> write, string path) => Assert.ThrowsExactly<IOException>(() => write(path)).Message;

    // Takes a number of bytes, and keeps none where it is flushed.
    private sealed class FullStream(long limit) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > limit)
                throw new IOException("No space left on device");
            base.Write(buffer);
        }

        public override void Flush() => throw new IOException("No space left on device");
    }
}
