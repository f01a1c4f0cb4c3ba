namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class AtomicFolderTests
{
    private readonly string _root = Directory.CreateTempSubdirectory("mldiffusion-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_root, recursive: true);

    [TestMethod]
    [DataRow("new")]
    [DataRow("new/")]
    [DataRow("a/b/new/")]
    [DataRow("empty/")]
    public void Write_AnyWayToNameAFolder_Works(string name)
    {
        Directory.CreateDirectory(Path.Combine(_root, "empty"));
        AtomicFolder.Write(Path.Combine(_root, name), [(Path.Combine("deep", "file"), stream => stream.WriteByte(7)), ("top", stream => stream.WriteByte(8))]);
        Assert.AreSequenceEqual(new byte[] { 7 }, File.ReadAllBytes(Path.Combine(_root, name, "deep", "file")));
        Assert.AreSequenceEqual(new byte[] { 8 }, File.ReadAllBytes(Path.Combine(_root, name, "top")));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_root, ".*"));
    }

    [TestMethod]
    public void Write_NameOf255Bytes_Works()
    {
        string folder = Path.Combine(_root, new string('x', 255));
        AtomicFolder.Write(folder, [("file", stream => stream.WriteByte(7))]);
        Assert.IsTrue(File.Exists(Path.Combine(folder, "file")));
    }

    [TestMethod]
    public void Write_Failure_LeavesNothing()
    {
        Assert.ThrowsExactly<FormatException>(() => AtomicFolder.Write(Path.Combine(_root, "new"), [("one", stream => stream.WriteByte(7)), ("two", _ => throw new FormatException())]));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_root));
    }

    [TestMethod]
    public void Write_FullFolder_IsRefused()
    {
        File.WriteAllText(Path.Combine(_root, "file"), "");
        Assert.Contains("not empty", Assert.ThrowsExactly<IOException>(() => AtomicFolder.Write(_root + "/", [])).Message);
    }
}
