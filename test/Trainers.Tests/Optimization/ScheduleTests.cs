namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class ScheduleTests
{
    [TestMethod]
    public void LearningRate_OverTheRun_RisesStaysAndFalls()
    {
        var rates = new LearningRateSchedule(Peak: 2, WarmUp: 0.1, new LinearDecayCourse(0.5));
        Assert.AreEqual(0.02, rates.At(0), 1e-12);
        Assert.AreEqual(1, rates.At(0.05), 1e-12);
        Assert.AreEqual(2, rates.At(0.3), 1e-12);
        Assert.AreEqual(1, rates.At(0.75), 1e-12);
        Assert.AreEqual(0, rates.At(1), 1e-12);
    }

    [TestMethod]
    public void LearningRate_NoWarmUpNorDecay_IsConstant()
    {
        var rates = new LearningRateSchedule(Peak: 2, WarmUp: 0, new LinearDecayCourse(0));
        Assert.AreEqual(2, rates.At(0));
        Assert.AreEqual(2, rates.At(1));
    }

    [TestMethod]
    public void Budget_StepsAndTime_GoByWhicheverIsFurther()
    {
        var budget = new TrainingBudget(100, TimeSpan.FromSeconds(10));
        Assert.AreEqual(0.5, budget.Fraction(50, TimeSpan.FromSeconds(1)));
        Assert.AreEqual(0.8, budget.Fraction(50, TimeSpan.FromSeconds(8)));
        Assert.AreEqual(1, budget.Fraction(100, TimeSpan.FromSeconds(8)));
        Assert.AreEqual(TimeSpan.FromSeconds(1), budget.Remaining(50, TimeSpan.FromSeconds(1)));
        Assert.AreEqual(TimeSpan.FromSeconds(2), budget.Remaining(50, TimeSpan.FromSeconds(8)));
    }
}
