using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>NaN and infinities are no colours: a picture that failed must not look like a dark one.</summary>
[TestClass]
public sealed class NoColourTests
{
    private static readonly MLContext _ml = new(1);
    private static readonly DiffusionImagesCatalog _images = _ml.Diffusion().Images;
    private static readonly DataShape _shape = new(3, 2, 2);

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void AnyWayToPixels_ValueThatIsNoNumber_IsCountedAndNamed(float value)
    {
        using var folder = new TemporaryFolder();
        float[] picture = new float[12];
        (picture[7], picture[11]) = (value, value);
        var data = _ml.Data.LoadFromEnumerable([new Row(), new Row { Pixels = picture }]);
        string place = FormattableString.Invariant($"has 2 of 12 values that are NaN or infinite, which is no colour: the first is {value}, at channel 1, line 1, place 1.");
        Refused("The picture " + place, () => _images.ToPng(picture, _shape));
        Refused("The picture " + place, () => _images.ToJpeg(picture, _shape));
        Refused("The picture of row 1 " + place, () => Assert.IsNotEmpty(_images.ToPng(data, "Pixels").Last()));
        Refused("The picture of row 1 " + place, () => _images.SavePictures(data, "Pixels", folder.Root));
        Refused("Picture 2 of line 1 " + place, () => _images.SaveGrid(data, "Pixels", folder.File("grid.png"), new() { Columns = 2 }));
        Refused("Picture 1 of line 2 " + place, () => _images.SaveGrid([new float[12], picture], _shape, folder.File("grid.png"), new() { Columns = 1 }));
        Assert.IsFalse(File.Exists(folder.File("grid.png")));
    }

    [TestMethod]
    public void ToPng_AllBlack_IsAPicture() => Assert.IsNotEmpty(_images.ToPng(new float[12], _shape));

    [TestMethod]
    public void SaveGrid_StreamThatFailsWhenWrittenOrFlushed_Throws()
    {
        using var whole = new MemoryStream();
        Save(whole);
        for (long limit = 0; limit < whole.Length; limit += 101)
            Assert.ThrowsExactly<IOException>(() => Save(new LimitedStream(limit, canSeek: false)));
        Assert.ThrowsExactly<IOException>(() => Save(new KeepsNothing()));
        if (!OperatingSystem.IsLinux())
            return;
        var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
        Assert.ThrowsExactly<IOException>(() => Save(full));
        Assert.ThrowsExactly<IOException>(full.Dispose);

        static void Save(Stream stream) => _images.SaveGrid([new float[12]], _shape, stream);
    }

    private static void Refused(string message, Action action) => Assert.Contains(message, Assert.ThrowsExactly<ArgumentException>(action).Message);

    private sealed class Row
    {
        [VectorType(3, 2, 2)]
        public float[] Pixels { get; set; } = new float[12];
    }

    private sealed class KeepsNothing : MemoryStream
    {
        public override void Flush() => throw new IOException("No space left on device");
    }
}
