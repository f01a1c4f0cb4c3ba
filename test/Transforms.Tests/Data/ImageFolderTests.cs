using System.Diagnostics;
using System.Runtime.Versioning;
using Microsoft.ML.Runtime;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Folders as they lie around.</summary>
[TestClass]
public sealed class ImageFolderTests
{
    private static readonly SKColor _color = new(200, 100, 50);
    private readonly MLContext _ml = new(1);
    private readonly List<(ChannelMessageKind Kind, string Text)> _log = [];

    public ImageFolderTests() => _ml.Log += (_, e) =>
    {
        if (e.Message.Contains("Pictures in", StringComparison.Ordinal))
            _log.Add((e.Kind, e.Message));
    };

    [TestMethod]
    public void LoadImages_WhatSystemsHide_IsNoData()
    {
        using var folder = new TemporaryFolder();
        foreach (string[] parts in new string[][]
            { ["cat", "1.png"], ["cat", "._1.png"], ["cat", ".ipynb_checkpoints", "1-checkpoint.png"], [".ipynb_checkpoints", "2.png"], ["__MACOSX", "cat", "1.png"], ["cat", "@eaDir", "1.png"] })
            TestPictures.Plain(folder.File(parts), 8, 8, _color);
        File.WriteAllText(folder.File("cat", "Thumbs.db"), "");
        File.WriteAllText(folder.File(".DS_Store"), "");

        Assert.AreSequenceEqual(new[] { "cat" }, Labels(folder));
        Assert.IsEmpty(_log, "nothing to tell");
    }

    [TestMethod]
    public void LoadImages_OtherFormats_AreCountedInOneLine()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("cat", "1.jfif"), 8, 8, _color, SKEncodedImageFormat.Jpeg);
        TestPictures.Plain(folder.File("cat", "2.JPE"), 8, 8, _color, SKEncodedImageFormat.Jpeg);
        for (int i = 0; i < 3; i++)
            File.WriteAllText(folder.File("dog", $"{i}.TIF"), "");
        File.WriteAllText(folder.File("notes.txt"), "");
        Directory.CreateDirectory(Path.Combine(folder.Root, "fish"));

        Assert.AreSequenceEqual(new[] { "cat", "cat" }, Labels(folder));
        var (kind, text) = _log.Single();
        Assert.AreEqual(ChannelMessageKind.Warning, kind, "two classes are lost");
        Assert.Contains("2 sub-folders hold no picture: 'dog' (3 of other formats), 'fish' (empty).", text);
        Assert.Contains("4 files are in none of the formats that are read", text);
        Assert.Contains("3 .tif, 1 .txt.", text);
    }

    [TestMethod]
    public void LoadImages_OnlyOtherFormats_SaysWhichThereAre()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("dog", "1.tif"), "");
        string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Diffusion().Data.LoadImages(folder.Root, 8, 8)).Message;
        Assert.Contains("hold no picture (.png", message);
        Assert.Contains("'dog' (1 of other formats)", message);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void LoadImages_Links_AreFollowedOnceAndNeverInACircle()
    {
        using var folder = new TemporaryFolder();
        using var elsewhere = new TemporaryFolder();
        TestPictures.Plain(folder.File("cat", "1.png"), 8, 8, _color);
        TestPictures.Plain(folder.File("cat", "deep", "2.png"), 8, 8, _color);
        TestPictures.Plain(elsewhere.File("3.png"), 8, 8, _color);
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "bird"), elsewhere.Root);
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "cat", "up"), "..");
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "cat", "deep", "round"), Path.Combine(folder.Root, "cat"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "cat", "twice"), "deep");
        File.CreateSymbolicLink(Path.Combine(folder.Root, "cat", "4.png"), Path.Combine(elsewhere.Root, "3.png"));

        Assert.AreSequenceEqual(new[] { "bird", "cat", "cat", "cat" }, Labels(folder));
    }

    [TestMethod]
    public void LoadImages_OneFileOfEach_IsToldInTheSingularAndOnce()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("cat", "1.png"), "no picture");
        File.WriteAllText(folder.File("cat", "notes.txt"), "neither");
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Labels(folder));
        Assert.AreNotEqual(e.Message, e.InnerException?.Message);
        Assert.StartsWith("The only picture in '", Assert.ThrowsExactly<InvalidDataException>(() => Labels(folder, new() { SkipUnreadable = true })).Message);
        TestPictures.Plain(folder.File("cat", "1.png"), 8, 8, _color);
        Labels(folder);
        Assert.Contains("1 file is in none of the formats", _log.Single().Text);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void LoadImages_PipesAndLinksToNothing_AreLeftOut()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("cat", "1.png"), 8, 8, _color);
        using (var process = Process.Start("mkfifo", [folder.File("cat", "2.png")]))
            process.WaitForExit();
        File.CreateSymbolicLink(folder.File("cat", "3.png"), "nothing");
        File.CreateSymbolicLink(folder.File("cat", "4.png"), "4.png");

        Assert.Contains("2.png' can not be read", Assert.ThrowsExactly<InvalidDataException>(() => Labels(folder)).Message);
        Assert.AreSequenceEqual(new[] { "cat" }, Labels(folder, new() { SkipUnreadable = true }));
        Assert.Contains("Left out: 3 that can not be used", _log.Single().Text);
    }

    [TestMethod]
    [UnsupportedOSPlatform("windows")]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void LoadImages_UnreadableFolder_IsNamed_OrLeftOut()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("cat", "1.png"), 8, 8, _color);
        string closed = Path.GetDirectoryName(folder.File("cat", "closed", "2.png"))!;
        File.SetUnixFileMode(closed, UnixFileMode.None);
        try
        {
            if (CanList(closed))
                Assert.Inconclusive("This user reads every folder.");
            Assert.Contains("closed' can not be read", Assert.ThrowsExactly<InvalidDataException>(() => Labels(folder)).Message);
            Assert.AreSequenceEqual(new[] { "cat" }, Labels(folder, new() { SkipUnreadable = true }));
            Assert.Contains("Left out: 1 that can not be used", _log.Single().Text);
        }
        finally
        {
            File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // A header is enough to claim any size.
    [TestMethod]
    public void LoadImages_MorePixelsThanAreRead_IsRefusedBeforeMemoryIsTaken()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Bmp(folder.File("a.bmp"), 1, 1, _color);
        byte[] bmp = File.ReadAllBytes(folder.File("a.bmp"));
        BitConverter.TryWriteBytes(bmp.AsSpan(18), 20_000);
        BitConverter.TryWriteBytes(bmp.AsSpan(22), 20_000);
        File.WriteAllBytes(folder.File("a.bmp"), bmp);
        var decoder = new Transforms.ImageDecoder(new DataShape(3, 8, 8), 4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("has 20000 × 20000 pixels", Assert.ThrowsExactly<InvalidDataException>(() => decoder.Decode(folder.File("a.bmp"))).Message);
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private string[] Labels(TemporaryFolder folder, Transforms.ImageFolderOptions? options = null) => PictureRows.Labels(_ml.Diffusion().Data.LoadImages(folder.Root, 8, 8, options: options));

    private static bool CanList(string folder)
    {
        try
        {
            _ = Directory.GetFiles(folder);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
