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

    private static BatchSource Source(int count, int batchSize)
    {
        var rows = new SampleBuffer(1, 0);
        for (int i = 0; i < count; i++)
            rows.Sample(rows.Add())[0] = i;
        return new BatchSource(rows, new DataShape(1), ConditionLayout.Empty, new GaussianProcess(KnownSchedules.Edm), 1, batchSize, 0);
    }
}
