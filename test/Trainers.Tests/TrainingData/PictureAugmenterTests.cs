namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class PictureAugmenterTests
{
    private static readonly DataShape Shape = new(2, 8, 8);

    [TestMethod]
    public void Apply_FlipsAlone_AreExactAndTold()
    {
        var augmenter = new PictureAugmenter(new PictureAugmentation { Probability = 1, Scale = 0, Rotation = 0, Stretch = 0, Shift = 0 }, Shape, 1);
        float[] plain = Numbers();
        var seen = new HashSet<(float, float)>();
        for (int position = 0; position < 100; position++)
        {
            var (picture, label) = Augmented(augmenter, position);
            bool across = label[0] == 1, down = label[1] == 1;
            seen.Add((label[0], label[1]));
            for (int i = 0; i < picture.Length; i++)
            {
                int x = i % 8, y = i / 8 % 8, from = i - x - 8 * y + (across ? 7 - x : x) + 8 * (down ? 7 - y : y);
                Assert.AreEqual(plain[from], picture[i]);
            }
        }
        // NaN tells of nothing, the other three pairs of something.
        Assert.HasCount(4, seen);
    }

    [TestMethod]
    public void Apply_Probability_IsTheShareOfEachKind()
    {
        var augmenter = new PictureAugmenter(new PictureAugmentation { Probability = 0.25, HorizontalFlips = false }, Shape, 1);
        const int count = 4000;
        var labels = Enumerable.Range(0, count).Select(position => Augmented(augmenter, position).Label).Select(label => float.IsNaN(label[0]) ? new float[9] : label).ToArray();
        double[] shares = [0, 0.125, 0.25, 0.25, 0.25, 0.25];
        int[] places = [0, 1, 2, 4, 5, 7];
        // Five standard deviations of a share of 4,000.
        for (int i = 0; i < places.Length; i++)
            Assert.AreEqual(shares[i], labels.Count(label => label[places[i]] != 0) / (double)count, 5 * Math.Sqrt(0.25 * 0.75 / count), $"{places[i]}");
    }

    [TestMethod]
    public void Apply_Kinds_MoveARampAsTheLabelSays()
    {
        // A picture that is linear in place stays so between its edges: its slopes tell the map, linear interpolation being exact on it.
        var shape = new DataShape(1, 33, 33);
        foreach (var kind in new[] { new PictureAugmentation { Probability = 1, HorizontalFlips = false, VerticalFlips = false, Rotation = 0, Stretch = 0, Shift = 0 },
            new PictureAugmentation { Probability = 1, HorizontalFlips = false, VerticalFlips = false, Scale = 0, Stretch = 0, Shift = 0, Rotation = 0.2 },
            new PictureAugmentation { Probability = 1, HorizontalFlips = false, VerticalFlips = false, Scale = 0, Stretch = 0, Rotation = 0, Shift = 0.05 } })
        {
            var augmenter = new PictureAugmenter(kind, shape, 2);
            for (int position = 0; position < 20; position++)
            {
                float[] picture = [.. Enumerable.Range(0, 33 * 33).Select(i => (float)(i % 33))], label = new float[9];
                augmenter.Apply(position, picture, label);
                float middle = picture[16 * 33 + 16], right = picture[16 * 33 + 17] - middle, down = picture[17 * 33 + 16] - middle;
                double factor = double.Exp2(label[2] * kind.Scale);
                // The ramp's own slope is (1, 0): divided by the scale, turned by the angle, moved by the shift. Rounding of numbers up to 33 in single precision.
                Assert.AreEqual((label[3] + 1) / factor, right, 1e-4);
                Assert.AreEqual(-label[4], down, 1e-4);
                Assert.AreEqual(16 - label[7] * kind.Shift * 33, middle, 1e-4);
            }
        }
    }

    [TestMethod]
    public void Apply_SamePosition_IsTheSame()
    {
        PictureAugmenter Augmenter() => new(new PictureAugmentation { Probability = 0.5 }, Shape, 4);
        var (augmenter, other) = (Augmenter(), Augmenter());
        Augmented(augmenter, 6);
        var (first, second) = (Augmented(augmenter, 5), Augmented(other, 5));
        Assert.AreSequenceEqual(first.Picture, second.Picture);
        Assert.AreSequenceEqual(first.Label, second.Label);
        Assert.IsTrue(first.Picture.All(value => value is >= 0 and <= 127), "between the values of the picture");
    }

    private static float[] Numbers() => [.. Enumerable.Range(0, Shape.Size).Select(i => (float)i)];

    private static (float[] Picture, float[] Label) Augmented(PictureAugmenter augmenter, int position)
    {
        float[] picture = Numbers(), label = new float[PictureAugmentation.LabelSize];
        augmenter.Apply(position, picture, label);
        return (picture, label);
    }
}
