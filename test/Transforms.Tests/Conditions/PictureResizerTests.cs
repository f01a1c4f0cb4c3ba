namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PictureResizerTests
{
    [TestMethod]
    public void Resize_TwiceTheSize_IsBilinearWithPixelCentresAtHalves()
    {
        // torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False) of [[0, 4], [8, 12]].
        float[] expected = [0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12];
        Assert.AreSequenceEqual(expected, Resize([0, 4, 8, 12], new DataShape(1, 2, 2), new DataShape(1, 4, 4)));
    }

    [TestMethod]
    public void Resize_HalfTheSize_CountsAllPixels()
    {
        // The triangle reaches two pixels to both sides: weights 1, 3, 3, 1 of 8, where the border cuts off one 3, 3, 1 of 7.
        float[] result = Resize([0, 56, 0, 0, 0, 0, 0, 0], new DataShape(1, 1, 8), new DataShape(1, 1, 4));
        float[] expected = [24, 7, 0, 0];
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(expected[i], result[i], 1e-5f);
    }

    [TestMethod]
    public void Resize_FlatPictures_StayFlatChannelByChannel()
    {
        float[] result = Resize([.. Enumerable.Repeat(3f, 15), .. Enumerable.Repeat(-1f, 15)], new DataShape(2, 3, 5), new DataShape(2, 7, 4));
        Assert.IsTrue(result[..28].All(value => Math.Abs(value - 3) < 1e-5));
        Assert.IsTrue(result[28..].All(value => Math.Abs(value + 1) < 1e-5));
    }

    [TestMethod]
    public void Resize_SameSize_KeepsEveryBit()
    {
        float[] picture = [.. Enumerable.Range(0, 12).Select(i => MathF.Sqrt(i))];
        Assert.AreSequenceEqual(picture, Resize(picture, new DataShape(1, 3, 4), new DataShape(1, 3, 4)));
    }

    private static float[] Resize(float[] picture, DataShape from, DataShape to)
    {
        var result = new float[to.Size];
        new Transforms.PictureResizer(from, to).Resize(picture, result);
        return result;
    }
}
