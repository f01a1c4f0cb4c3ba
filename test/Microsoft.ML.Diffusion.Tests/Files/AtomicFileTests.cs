namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class AtomicFileTests
{
    private readonly string _root = Directory.CreateTempSubdirectory("mldiffusion-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_root, recursive: true);

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Write_ToADevice_IsRefusedAndLeavesIt()
    {
        Assert.Contains("which is a pipe or a device", Assert.ThrowsExactly<ArgumentException>(() => AtomicFile.Write("/dev/null", _ => Assert.Fail("It was written."))).Message);
        Assert.IsTrue(RegularFile.IsPipeOrDevice("/dev/null"));
        Assert.IsFalse(RegularFile.IsPipeOrDevice(Path.GetTempPath()));
        Assert.IsFalse(RegularFile.IsPipeOrDevice(typeof(AtomicFileTests).Assembly.Location));
        Assert.IsFalse(RegularFile.IsPipeOrDevice("/no/such/file"));
    }

    [TestMethod]
    public void Write_MissingFolders_AreMade()
    {
        string path = Path.Combine(_root, "a", "b c", "ü", "file.txt");
        AtomicFile.Write(path, "text");
        Assert.AreEqual("text", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [TestMethod]
    public void Write_NameOf255Bytes_IsWritten()
    {
        string path = Path.Combine(_root, new string('x', 251) + ".txt");
        AtomicFile.Write(path, "1");
        AtomicFile.Write(path, "2");
        Assert.AreEqual("2", File.ReadAllText(path));
    }

    [TestMethod]
    public void Write_Failure_LeavesTheOlderFileAndNothingElse()
    {
        string path = Path.Combine(_root, "file.txt");
        AtomicFile.Write(path, "old");
        Assert.ThrowsExactly<FormatException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new FormatException();
        }));
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_root));
    }

    [TestMethod]
    public void Write_FileBeyondWhatItsSystemTakes_IsAnIOException()
    {
        static void AtTheEndOfAll(Stream stream)
        {
            stream.Position = long.MaxValue - 1;
            stream.WriteByte(1);
            stream.Flush();
        }

        string path = Path.Combine(_root, "file.txt");
        AtomicFile.Write(path, "old");
        bool isReportedSo;
        try
        {
            using var stream = new FileStream(Path.Combine(_root, "other"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            AtTheEndOfAll(stream);
            isReportedSo = false;
        }
        catch (Exception exception)
        {
            isReportedSo = exception is ArgumentOutOfRangeException;
        }
        if (!isReportedSo)
            Assert.Inconclusive("This file system takes files of any size, or reports it as an IOException itself.");
        Assert.Contains(path, Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, AtTheEndOfAll)).Message);
        Assert.AreEqual("old", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(_root));
    }

    [TestMethod]
    public void Write_PathOfAFolder_IsRefused()
    {
        Assert.Contains("ends in a slash", Assert.ThrowsExactly<ArgumentException>(() => AtomicFile.Write(_root + "/new/", "")).Message);
        Assert.Contains("is a folder", Assert.ThrowsExactly<ArgumentException>(() => AtomicFile.Write(_root, "")).Message);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_root));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Write_Link_StaysALink()
    {
        string target = Path.Combine(_root, "target.txt"), link = Path.Combine(_root, "link.txt");
        File.CreateSymbolicLink(link, "target.txt");
        AtomicFile.Write(link, "first");
        AtomicFile.Write(link, "second");
        Assert.AreEqual("second", File.ReadAllText(target));
        Assert.IsNotNull(new FileInfo(link).LinkTarget);
    }

    [TestMethod]
    public void Write_WhatAKilledProcessLeft_IsRemoved()
    {
        string old = TemporaryName.In(_root), young = TemporaryName.In(_root), other = Path.Combine(_root, ".other"), folder = TemporaryName.In(_root);
        Directory.CreateDirectory(Path.Combine(folder, "unet"));
        foreach (string file in new[] { old, young, other, Path.Combine(folder, "unet", "weights") })
            File.WriteAllText(file, "half");
        foreach (string file in new[] { old, other, Path.Combine(folder, "unet", "weights") })
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        foreach (string sub in new[] { Path.Combine(folder, "unet"), folder })
            Directory.SetLastWriteTimeUtc(sub, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        AtomicFile.Write(Path.Combine(_root, "file.txt"), "text");

        Assert.IsFalse(File.Exists(old), "abandoned");
        Assert.IsFalse(Directory.Exists(folder), "abandoned, with all that is in it");
        Assert.IsTrue(File.Exists(young), "another process may have made it just now");
        Assert.IsTrue(File.Exists(other), "not ours");
    }

    [TestMethod]
    public void RemoveAbandoned_FileBeingWritten_Stays()
    {
        AtomicFile.Write(Path.Combine(_root, "file.txt"), stream =>
        {
            stream.WriteByte(1);
            TemporaryName.RemoveAbandoned(_root, DateTimeOffset.MaxValue);
            Assert.HasCount(1, Directory.GetFiles(_root));
        });
        Assert.AreEqual(1, new FileInfo(Path.Combine(_root, "file.txt")).Length);
    }
}
