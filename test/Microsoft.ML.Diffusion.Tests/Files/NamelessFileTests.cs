namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class NamelessFileTests
{
    [TestMethod]
    public void Open_WhatIsWritten_IsReadAndLeavesNoFile()
    {
        string path;
        using (var stream = NamelessFile.Open())
        {
            path = stream.Name;
            stream.Write([1, 2, 3]);
            stream.Position = 0;
            Assert.AreEqual(1, stream.ReadByte());
            Assert.AreEqual(3, stream.Length);
            Assert.AreEqual(OperatingSystem.IsWindows(), File.Exists(path), "on Unix a kill can leave nothing");
        }
        Assert.IsFalse(File.Exists(path));
    }
}
