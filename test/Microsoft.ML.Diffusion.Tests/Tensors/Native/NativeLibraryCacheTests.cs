namespace Microsoft.ML.Diffusion.Tests.Tensors;

[TestClass]
public sealed class NativeLibraryCacheTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];

    private readonly string root = Directory.CreateTempSubdirectory("cache-test-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [TestMethod]
    public void Store_NewContent_WritesIt()
    {
        string path = new NativeLibraryCache(root).Store("lib.so", Content);

        Assert.AreEqual("lib.so", Path.GetFileName(path));
        Assert.AreSequenceEqual(Content, File.ReadAllBytes(path));
    }

    [TestMethod]
    public void Store_KnownContent_LeavesTheFileAlone()
    {
        var cache = new NativeLibraryCache(root);
        string path = cache.Store("lib.so", Content);
        var longAgo = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, longAgo);

        Assert.AreEqual(path, cache.Store("lib.so", Content));
        Assert.AreEqual(longAgo, File.GetLastWriteTimeUtc(path));
    }

    [TestMethod]
    public void Store_OtherContent_KeepsBoth()
    {
        var cache = new NativeLibraryCache(root);
        string first = cache.Store("lib.so", Content);
        string second = cache.Store("lib.so", Content[1..]);

        Assert.AreNotEqual(first, second);
        Assert.AreSequenceEqual(Content, File.ReadAllBytes(first));
    }

    [TestMethod]
    [DataRow("changed")]
    [DataRow("truncated")]
    [DataRow("empty")]
    public void Store_DamagedCopy_IsRepaired(string damage)
    {
        var cache = new NativeLibraryCache(root);
        string path = cache.Store("lib.so", Content);
        byte[] damaged = damage switch
        {
            "changed" => [.. Content[..^1], (byte)(Content[^1] ^ 1)],
            "truncated" => Content[..1000],
            _ => [],
        };
        File.WriteAllBytes(path, damaged);

        Assert.AreEqual(path, cache.Store("lib.so", Content));
        Assert.AreSequenceEqual(Content, File.ReadAllBytes(path));
    }

    [TestMethod]
    public void Store_ByManyAtOnce_GivesAllTheWholeFile()
    {
        string[] paths = new string[16];
        Parallel.For(0, paths.Length, new() { MaxDegreeOfParallelism = paths.Length }, i =>
        {
            paths[i] = new NativeLibraryCache(root).Store("lib.so", Content);
            Assert.IsTrue(File.ReadAllBytes(paths[i]).AsSpan().SequenceEqual(Content));
        });

        Assert.ContainsSingle(paths.Distinct());
        Assert.ContainsSingle(Directory.GetFiles(root, "*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public void Store_WhereNothingCanBeWritten_Throws()
    {
        string file = Path.Combine(root, "a file");
        File.WriteAllText(file, "");

        Assert.Throws<IOException>(() => new NativeLibraryCache(file).Store("lib.so", Content));
    }
}
