using Microsoft.ML.Data;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LoadImagesTests
{
    private static readonly SKColor _color = new(200, 100, 50);
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void LoadImages_EveryFormat_GivesTheSamePicture()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("a.png"), 40, 20, _color);
        TestPictures.Plain(folder.File("b.JPG"), 20, 40, _color, SKEncodedImageFormat.Jpeg);
        TestPictures.Plain(folder.File("c.webp"), 16, 16, _color, SKEncodedImageFormat.Webp);
        TestPictures.Bmp(folder.File("d.bmp"), 17, 19, _color);
        // A GIF of one pixel, palette entry 0 in our colour.
        File.WriteAllBytes(folder.File("e.gif"), [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 200, 100, 50, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b]);

        IDataView data = _ml.Diffusion().Data.LoadImages(folder.Root, 6, 5, options: new() { MaximumEnlargement = 6 });

        Assert.AreSequenceEqual(new[] { 3, 5, 6 }, PictureRows.Dimensions(data));
        float[] expected = [.. Enumerable.Repeat(200f, 30), .. Enumerable.Repeat(100f, 30), .. Enumerable.Repeat(50f, 30)];
        float[][] pixels = PictureRows.Pixels(data);
        Assert.HasCount(5, pixels);
        foreach (float[] picture in pixels)
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], picture[i], 3, "JPEG and WebP are lossy: a plain colour comes back within 3 of 255");
    }

    [TestMethod]
    public void LoadImages_SubFolders_AreLabels()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("dog", "1.png"), 8, 8, _color);
        TestPictures.Plain(folder.File("cat", "2.png"), 8, 8, _color);
        TestPictures.Plain(folder.File("cat", "deeper", "3.png"), 8, 8, _color);
        TestPictures.Plain(folder.File(".hidden", "4.png"), 8, 8, _color);
        TestPictures.Plain(folder.File("5.png"), 8, 8, _color);
        File.WriteAllText(folder.File("cat", "notes.txt"), "not a picture");

        IDataView data = _ml.Diffusion().Data.LoadImages(folder.Root, 8, 8);

        Assert.AreSequenceEqual(new[] { "", "cat", "cat", "dog" }, PictureRows.Labels(data));
        string[] paths = [.. data.GetColumn<ReadOnlyMemory<char>>("Path").Select(path => Path.GetFileName(path.ToString()))];
        Assert.AreSequenceEqual(new[] { "5.png", "2.png", "3.png", "1.png" }, paths);
    }

    [TestMethod]
    public void LoadImages_Wide_IsCroppedAtTheCentre()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Draw(folder.File("a.png"), 30, 10, canvas =>
        {
            canvas.Clear(SKColors.Red);
            using var paint = new SKPaint { Color = SKColors.Blue };
            canvas.DrawRect(10, 0, 10, 10, paint);
        });
        float[] pixels = PictureRows.Pixels(_ml.Diffusion().Data.LoadImages(folder.Root, 10, 10))[0];
        Assert.IsTrue(pixels[..200].All(value => value == 0) && pixels[200..].All(value => value == 255), "only the blue middle is left, exactly");
    }

    [TestMethod]
    public void LoadImages_FineStripes_DoNotAlias()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Draw(folder.File("a.png"), 64, 64, canvas =>
        {
            canvas.Clear(SKColors.White);
            using var paint = new SKPaint { Color = SKColors.Black };
            for (int x = 0; x < 64; x += 2)
                canvas.DrawRect(x, 0, 1, 64, paint);
        });
        float[] pixels = PictureRows.Pixels(_ml.Diffusion().Data.LoadImages(folder.Root, 8, 8, channels: 1))[0];
        // Stripes of one pixel have mean 127.5; the margins see half a filter.
        Assert.IsTrue(pixels.All(value => value is > 115 and < 140), $"{pixels.Min()} to {pixels.Max()}");
    }

    [TestMethod]
    public void LoadImages_Transparent_IsOnWhite()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("a.png"), 4, 4, new SKColor(255, 0, 0, 128));
        float[] pixels = PictureRows.Pixels(_ml.Diffusion().Data.LoadImages(folder.Root, 4, 4))[0];
        Assert.AreEqual(255, pixels[0]);
        Assert.AreEqual(127, pixels[16], 1, "half of white's 255, rounded");
        Assert.AreEqual(127, pixels[32], 1, "half of white's 255, rounded");
    }

    [TestMethod]
    [DataRow(SKEncodedImageFormat.Jpeg)]
    [DataRow(SKEncodedImageFormat.Png)]
    [DataRow(SKEncodedImageFormat.Webp)]
    public void LoadImages_ExifOrientation_IsTurned(SKEncodedImageFormat format)
    {
        // Where the upper left corner of what is stored belongs, for orientations 1 to 8.
        int[] corners = [0, 1, 3, 2, 0, 1, 3, 2];
        for (byte orientation = 1; orientation <= 8; orientation++)
            Assert.AreEqual(corners[orientation - 1], Corner(format, orientation), $"orientation {orientation}");
        // 2 and 6 both lead to the upper right: a wide picture tells a mirrored one from a turned one.
        using var folder = new TemporaryFolder();
        TestPictures.Turned(folder.File("a"), 40, 20, canvas => canvas.Clear(_color), 6, format);
        File.Move(folder.File("a"), folder.File($"a.{format}"));
        IDataView data = _ml.Diffusion().Data.LoadImages(folder.Root, 20, 40, options: new() { MaximumEnlargement = 1 });
        Assert.HasCount(1, PictureRows.Pixels(data), "upright it is 20 wide: nothing is enlarged");
    }

    private int Corner(SKEncodedImageFormat format, byte orientation)
    {
        using var folder = new TemporaryFolder();
        TestPictures.Turned(folder.File($"a.{format}"), 32, 32, canvas =>
        {
            canvas.Clear(SKColors.Black);
            using var paint = new SKPaint { Color = SKColors.White };
            canvas.DrawRect(0, 0, 16, 16, paint);
        }, orientation, format);
        float[] pixels = PictureRows.Pixels(_ml.Diffusion().Data.LoadImages(folder.Root, 2, 2, channels: 1))[0];
        return Array.IndexOf(pixels, pixels.Max());
    }

    [TestMethod]
    public void LoadImages_Unreadable_IsNamed_OrLeftOut()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("a.png"), 8, 8, _color);
        File.WriteAllText(folder.File("b.png"), "no picture");
        TestPictures.Draw(folder.File("c.png"), 64, 64, canvas =>
        {
            using var paint = new SKPaint { Shader = SKShader.CreatePerlinNoiseTurbulence(0.9f, 0.9f, 4, 1) };
            canvas.DrawPaint(paint);
        });
        byte[] whole = File.ReadAllBytes(folder.File("c.png"));
        File.WriteAllBytes(folder.File("c.png"), whole[..(whole.Length / 2)]);

        IDataView strict = _ml.Diffusion().Data.LoadImages(folder.Root, 8, 8);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => PictureRows.Pixels(strict)).Message;
        Assert.Contains("b.png", message);

        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);
        IDataView lenient = _ml.Diffusion().Data.LoadImages(folder.Root, 8, 8, options: new() { SkipUnreadable = true });
        Assert.IsNull(lenient.GetRowCount());
        Assert.HasCount(1, PictureRows.Pixels(lenient));
        Assert.AreEqual(1, lenient.GetRowCount());
        string report = warnings.Single(warning => warning.Contains("Left out", StringComparison.Ordinal));
        Assert.Contains("Left out: 2 that can not be used", report);
        Assert.Contains("b.png' is no picture", report);
        Assert.Contains("c.png' can not be decoded: it is truncated", report);
    }

    [TestMethod]
    public void LoadImages_TooSmall_SaysSo()
    {
        using var folder = new TemporaryFolder();
        TestPictures.Plain(folder.File("a.png"), 100, 7, _color);
        IDataView data = _ml.Diffusion().Data.LoadImages(folder.Root, 32, 32);
        Assert.Contains("too small: its 100 × 7 pixels", Assert.ThrowsExactly<InvalidDataException>(() => PictureRows.Pixels(data)).Message);
    }

    [TestMethod]
    public void LoadImages_NoPictures_Fails()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("hold no picture", Assert.ThrowsExactly<InvalidDataException>(() => _ml.Diffusion().Data.LoadImages(folder.Root, 8, 8)).Message);
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => _ml.Diffusion().Data.LoadImages(folder.Root + "x", 8, 8));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Diffusion().Data.LoadImages(folder.Root, 0, 8));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Diffusion().Data.LoadImages(folder.Root, 8, 8, channels: 2));
    }
}
