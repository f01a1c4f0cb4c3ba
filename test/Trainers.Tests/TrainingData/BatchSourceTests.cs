namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class BatchSourceTests
{
    [TestMethod]
    public void Batch_AnyOrder_DependsOnItsNumberAlone()
    {
        var (first, second) = (Source(10, 4), Source(10, 4));
        using var direct = first.Batch(7);
        using var skipped = second.Batch(2);
        using var again = second.Batch(7);
        Assert.AreSequenceEqual(direct.X0.data<float>().ToArray(), again.X0.data<float>().ToArray());
        Assert.AreSequenceEqual(direct.Latent.data<float>().ToArray(), again.Latent.data<float>().ToArray());
        Assert.AreNotSequenceEqual(direct.Latent.data<float>().ToArray(), skipped.Latent.data<float>().ToArray());
    }

    [TestMethod]
    [DataRow(10, 4)]
    [DataRow(3, 8)]
    public void Batch_WholeEpochs_VisitEachRowEquallyOften(int rows, int batchSize)
    {
        var source = Source(rows, batchSize);
        var visits = new int[rows];
        for (int step = 0; step < rows; step++)
        {
            using var batch = source.Batch(step);
            foreach (float value in batch.X0.data<float>())
                visits[(int)value]++;
        }
        Assert.IsTrue(visits.All(count => count == batchSize), string.Join(", ", visits));
    }

    [TestMethod]
    public void Batch_Levels_CoverTheDensityEvenly()
    {
        using var batch = Source(10, 100).Batch(3);
        var levels = new ScheduleLevels().Start(KnownSchedules.Edm).PlainLevels(batch.Uniforms);
        double[] logs = [.. Enumerable.Range(0, 100).Select(row => Math.Log(levels[row].Sigma))];
        // 100 quantiles of a normal distribution: their mean is within 1/100 of a deviation of its mean at worst.
        Assert.AreEqual(-1.2, logs.Average(), 0.05);
        Assert.IsTrue(logs.SequenceEqual(logs.Order()));
    }

    [TestMethod]
    public void Batch_ConditionDropout_DropsThatShare()
    {
        var layout = new ConditionLayout([new ClassCondition("Label", 3)]);
        var rows = new SampleBuffer(1, 1);
        rows.Add();
        rows.Sample(0)[0] = 1;
        rows.Conditions(0)[0] = 2;
        using var batch = new BatchSource(rows, new DataShape(1), layout, new GaussianProcess(KnownSchedules.Edm), 1, 2000, 0.25).Batch(0);
        float[] packed = [.. batch.Conditions!.data<float>()];
        Assert.AreEqual(0.25, packed.Count(value => value == 0) / 2000.0, 0.03, "three standard deviations of a share of 2,000");
        Assert.IsTrue(packed.All(value => value is 0 or 2));
    }

    [TestMethod]
    public void Batch_SeparateDropouts_DropEachConditionAloneBesideAllTogether()
    {
        const int Count = 4000;
        var layout = new ConditionLayout([new ClassCondition("Label", 3), new VectorCondition("Vector", 2), new TokensCondition("Text", 2, 4), new PictureCondition("Picture", new DataShape(1, 1, 2), new DataShape(1, 1, 2))]);
        using var rows = new SampleBuffer(2, layout.Width);
        rows.Add();
        rows.Conditions(0).Fill(1);
        BatchSource Source(double joint, params double[]? separate) => new(rows, new DataShape(1, 1, 2), layout, new GaussianProcess(KnownSchedules.Edm), 1, Count, joint, separateDropouts: separate);
        using var batch = Source(0.1, 0.3, 0, 0.5, 0.2).Batch(0);
        using var jointly = Source(0.1).Batch(0);
        bool[][] missing = Missing(batch), together = Missing(jointly);
        // Five standard deviations of a share of 4,000.
        foreach (var (slot, share) in new[] { (0, 0.3), (1, 0), (2, 0.5), (3, 0.2) })
            Assert.AreEqual(0.1 + 0.9 * share, missing.Count(row => row[slot]) / (double)Count, 0.04, $"slot {slot}");
        Assert.AreEqual(0.1 + 0.9 * 0.15, missing.Count(row => row[0] && row[2]) / (double)Count, 0.04, "independent of each other");
        for (int row = 0; row < Count; row++)
            if (together[row].All(each => each))
                Assert.IsTrue(missing[row].All(each => each), "what drops all of a row draws the same numbers as without the others");
        Assert.IsTrue(together.All(row => row.All(each => each) || !row.Any(each => each)));

        static bool[][] Missing(TrainingBatch batch) => [.. batch.Conditions!.data<float>().ToArray().Chunk(7).Select(row =>
        {
            // All places of a slot or none.
            Assert.AreEqual(float.IsNaN(row[1]), float.IsNaN(row[2]));
            Assert.AreEqual(row[3], row[4]);
            Assert.AreEqual(float.IsNaN(row[5]), float.IsNaN(row[6]));
            return new[] { row[0] == 0, float.IsNaN(row[1]), row[3] == 0, float.IsNaN(row[5]) };
        })];
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Batch_MirroredOrWarped_PicturesBesideItGoTheSameWay(bool augments)
    {
        var shape = new DataShape(1, 4, 4);
        var picture = new PictureCondition("Picture", new DataShape(2, 4, 4), new DataShape(2, 4, 4));
        var layout = new ConditionLayout(augments ? [picture, new AugmentationCondition(PictureAugmentation.LabelSize)] : [picture]);
        using var rows = new SampleBuffer(16, layout.Width);
        rows.Add();
        for (int i = 0; i < 16; i++)
        {
            rows.Sample(0)[i] = i * i;
            (rows.Conditions(0)[i], rows.Conditions(0)[16 + i]) = (i * i, -i * i);
        }
        using var batch = new BatchSource(rows, shape, layout, new GaussianProcess(KnownSchedules.Edm), 1, 200, 0.1, flips: !augments, augmentation: augments ? new() { Probability = 0.5 } : null).Batch(0);
        float[][] samples = [.. batch.X0.data<float>().ToArray().Chunk(16)], packed = [.. batch.Conditions!.data<float>().ToArray().Chunk(layout.Width)];
        Assert.IsGreaterThan(50, samples.Count(sample => sample[0] != 0));
        Assert.AreEqual(0.1, packed.Count(row => float.IsNaN(row[0])) / 200.0, 0.1, "missing as a whole, mirrored or not");
        foreach (var (sample, row) in samples.Zip(packed))
        {
            if (float.IsNaN(row[0]))
                continue;
            Assert.AreSequenceEqual(sample, row[..16]);
            Assert.AreSequenceEqual(sample.Select(value => -value), row[16..32]);
        }
    }

    [TestMethod]
    public void Batch_OffsetNoise_MovesAChannelAsAWhole()
    {
        using var rows = new SampleBuffer(8, 0);
        rows.Add();
        BatchSource Source(double offset) => new(rows, new DataShape(2, 2, 2), ConditionLayout.Empty, new GaussianProcess(KnownSchedules.Edm), 1, 400, 0, offset);
        using var plain = Source(0).Batch(3);
        using var moved = Source(0.5).Batch(3);
        float[] offsets = [.. moved.Latent.data<float>().ToArray().Zip(plain.Latent.data<float>().ToArray(), (a, b) => a - b)];
        var channels = offsets.Chunk(4).ToArray();
        // Single-precision rounding of numbers of size 1.
        Assert.IsTrue(channels.All(channel => channel.Max() - channel.Min() < 1e-6));
        // Five standard errors of a variance of 800 numbers.
        Assert.AreEqual(0.25, channels.Average(channel => channel[0] * channel[0]), 5 * 0.25 * Math.Sqrt(2.0 / 800));
    }

    [TestMethod]
    public void Batch_Flips_MirrorHalfOfThePicturesLineByLine()
    {
        using var rows = new SampleBuffer(12, 0);
        rows.Add();
        for (int i = 0; i < 12; i++)
            rows.Sample(0)[i] = i;
        float[] plain = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], mirrored = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9];
        BatchSource Source() => new(rows, new DataShape(2, 2, 3), ConditionLayout.Empty, new GaussianProcess(KnownSchedules.Edm), 1, 1000, 0, flips: true);
        using var batch = Source().Batch(3);
        using var again = Source().Batch(3);
        Assert.AreSequenceEqual(batch.X0.data<float>().ToArray(), again.X0.data<float>().ToArray());
        var pictures = batch.X0.data<float>().ToArray().Chunk(12).ToArray();
        Assert.IsTrue(pictures.All(picture => picture.SequenceEqual(plain) || picture.SequenceEqual(mirrored)));
        Assert.AreEqual(0.5, pictures.Count(picture => picture.SequenceEqual(mirrored)) / 1000.0, 0.08, "five standard deviations of a share of 1,000");
        Assert.AreEqual(0, rows.Sample(0)[0], "the data stays as it is");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Batch_SamplesOnTheDevice_GivesTheSameBatches(bool flips)
    {
        // 2,500 rows: more than are sent there at once.
        using var rows = new SampleBuffer(12, 0);
        for (int row = 0; row < 2500; row++)
        {
            rows.Add();
            for (int i = 0; i < 12; i++)
                rows.Sample(row)[i] = 12 * row + i;
        }
        BatchSource Source() => new(rows, new DataShape(2, 2, 3), ConditionLayout.Empty, new GaussianProcess(KnownSchedules.Edm), 1, 700, 0, flips: flips);
        using var expected = Source().Batch(2);
        rows.PlaceOn(TorchSharp.torch.CPU);
        Assert.IsNull(rows.Resident, "on the CPU there is nothing to send");
        rows.CopyTo(TorchSharp.torch.CPU);
        using var batch = Source().Batch(2);
        Assert.AreSequenceEqual(expected.X0.data<float>().ToArray(), batch.X0.data<float>().ToArray());
        Assert.AreSequenceEqual(expected.Latent.data<float>().ToArray(), batch.Latent.data<float>().ToArray());
    }

    private static BatchSource Source(int count, int batchSize)
    {
        var rows = new SampleBuffer(1, 0);
        for (int i = 0; i < count; i++)
            rows.Sample(rows.Add())[0] = i;
        return new BatchSource(rows, new DataShape(1), ConditionLayout.Empty, new GaussianProcess(KnownSchedules.Edm), 1, batchSize, 0);
    }
}
