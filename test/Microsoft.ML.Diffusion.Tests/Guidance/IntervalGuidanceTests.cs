using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class IntervalGuidanceTests
{
    private static readonly ComponentMixture Mixture = ComponentMixture.Plane;

    [TestMethod]
    public void Denoise_OutsideTheInterval_IsThePlainAnswerAtNoFurtherCost()
    {
        using var scope = NewDisposeScope();
        var classifier = new LinearClassifier([1, 0, 0, 1], [0, 0]);
        var guided = new IntervalGuidance(new ClassifierGuidance(classifier, 3, label: 1), new LevelInterval(0.5, 2)).Guide(Mixture.Whole);
        var x = GuidanceLab.Rows(3);
        // The interval is open at its clean end and closed at its noisy one.
        foreach (double ratio in new[] { 0.5, 0.6, 2, 2.1 })
        {
            int before = classifier.Calls;
            // α does not count.
            var step = new StepContext(new NoiseLevel(0.5, 0.5 * ratio));
            var (plain, answer) = (Mixture.Whole.Denoise(x, step, Conditioning.None).X0, guided.Denoise(x, step, Conditioning.None).X0);
            bool within = ratio is 0.6 or 2;
            Assert.AreEqual(within, Moments.Distance(plain, answer) > 0);
            Assert.AreEqual(within ? 1 : 0, classifier.Calls - before);
        }
    }

    [TestMethod]
    public void Denoise_RowsWithinAndOutside_EachGetsItsOwn()
    {
        using var scope = NewDisposeScope();
        var x = GuidanceLab.Rows(4);
        var step = new StepContext(new NoiseLevels(GuidanceLab.Levels.ToArray()));
        var guidance = new ClassifierGuidance(Mixture, 2, label: 1);
        var answer = new IntervalGuidance(guidance, new LevelInterval(0.1, 1.5)).Guide(Mixture.Whole).Denoise(x, step, Conditioning.None).X0;
        var (within, outside) = (guidance.Guide(Mixture.Whole).Denoise(x, step, Conditioning.None).X0, Mixture.Whole.Denoise(x, step, Conditioning.None).X0);
        for (int row = 0; row < 4; row++)
            Assert.AreEqual(0, Moments.Distance((row is 1 or 2 ? within : outside)[row], answer[row]));
    }

    [TestMethod]
    public void OfTimes_TimesOfASchedule_AreItsRatios()
    {
        var interval = LevelInterval.OfTimes(KnownSchedules.Cosine, 0.2, 0.6);
        Assert.AreEqual(KnownSchedules.Cosine.At(0.2).Ratio, interval.Least);
        Assert.AreEqual(KnownSchedules.Cosine.At(0.6).Ratio, interval.Greatest);
        Assert.IsTrue(new LevelInterval(0, double.PositiveInfinity).Contains(new NoiseLevel(0, 1)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LevelInterval(1, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LevelInterval(-1, 1));
    }
}
