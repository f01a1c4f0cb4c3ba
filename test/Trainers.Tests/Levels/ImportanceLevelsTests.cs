namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class ImportanceLevelsTests
{
    private static readonly DiscreteSchedule Schedule = new CosineSchedule(10);

    [TestMethod]
    public void Draw_BeforeAllBinsAreFull_IsTheOtherDistribution()
    {
        using var sampler = Start(new ImportanceLevels(10, history: 2));
        for (int round = 0; round < 2; round++)
        {
            var (levels, weights) = sampler.Draw(Evenly(10));
            Assert.IsTrue(weights!.All(weight => Math.Abs(weight - 1) < 1e-6));
            for (int row = 0; row < 10; row++)
                Assert.AreEqual(Schedule.TimeOfStep(row), levels.TimeAt(row)!.Value, 1e-12);
            sampler.Learn([.. Enumerable.Range(1, 10).Select(value => (float)value)]);
        }
        Assert.AreNotEqual(1, sampler.Draw(Evenly(10)).Weights![0]);
    }

    [TestMethod]
    public void Draw_Learned_IsInProportionToTheRootOfTheMeanSquareLoss()
    {
        const double Share = 0.01;
        using var sampler = Start(new ImportanceLevels(10, history: 2, uniformShare: Share));
        // A bin keeps its last two losses: 9 is forgotten.
        foreach (float factor in new[] { 9f, 1f, 7f })
        {
            Fill(sampler);
            sampler.Learn([.. Enumerable.Range(1, 10).Select(value => factor * value)]);
        }
        double[] shares = [.. Enumerable.Range(1, 10).Select(value => value / 55.0 * (1 - Share) + Share / 10)];
        double[] got = sampler.Shares();
        for (int bin = 0; bin < 10; bin++)
            Assert.AreEqual(shares[bin], got[bin], 1e-7);

        const int Rows = 20_000;
        var (levels, weights) = sampler.Draw(Evenly(Rows));
        for (int bin = 0; bin < 10; bin++)
        {
            int[] rows = [.. Enumerable.Range(0, Rows).Where(row => Math.Abs(levels.TimeAt(row)!.Value - Schedule.TimeOfStep(bin)) < 1e-9)];
            // Evenly spread uniforms hit a share to one row at each end.
            Assert.AreEqual(shares[bin] * Rows, rows.Length, 2);
            Assert.IsTrue(rows.All(row => Math.Abs(weights![row] - 1 / (10 * shares[bin])) < 1e-5));
        }
    }

    [TestMethod]
    public void Draw_Learned_LeavesTheExpectedLossAlone()
    {
        using var sampler = Start(new ImportanceLevels(7, history: 1));
        Fill(sampler, 7);
        sampler.Learn([5, 1, 3, 0, 2, 8, 1]);
        // Any function of the level; bins do not meet the steps.
        const int Rows = 100_000;
        static double Loss(NoiseLevels levels, int row) => levels[row].Sigma * levels[row].Sigma;
        var plain = sampler.PlainLevels(Evenly(Rows));
        var (levels, weights) = sampler.Draw(Evenly(Rows));
        // One row of 100,000, of weight 1/0.001, at each border of a bin.
        Assert.AreEqual(Enumerable.Range(0, Rows).Average(row => Loss(plain, row)), Enumerable.Range(0, Rows).Average(row => weights![row] * Loss(levels, row)), 0.02);
    }

    [TestMethod]
    public void Learn_LossOfNaN_IsPassedOver()
    {
        using var sampler = Start(new ImportanceLevels(2, history: 1));
        Fill(sampler, 2);
        sampler.Learn([float.NaN, 1]);
        Assert.AreSequenceEqual(new[] { 0.5, 0.5 }, sampler.Shares());
    }

    [TestMethod]
    public void Constructor_IllegalValues_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImportanceLevels(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImportanceLevels(history: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImportanceLevels(uniformShare: 0));
    }

    private static ImportanceSampler Start(ImportanceLevels levels) => (ImportanceSampler)levels.Start(Schedule);

    // A row in the middle of each bin, while all are alike.
    private static void Fill(ImportanceSampler sampler, int bins = 10)
    {
        // Until a bin is full nothing is learned; afterwards the rows must be told where they are: by the middle of each share.
        double[] shares = sampler.Shares();
        double begin = 0;
        sampler.Draw([.. shares.Select(share => (begin += share) - share / 2)]);
        Assert.HasCount(bins, shares);
    }

    private static double[] Evenly(int rows) => [.. Enumerable.Range(0, rows).Select(row => (row + 0.5) / rows)];
}
