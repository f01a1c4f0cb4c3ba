namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class LearningRateCourseTests
{
    [TestMethod]
    public void At_Points_AreTheFormulas()
    {
        Assert.AreEqual(1, KnownLearningRateCourses.Constant.At(1));
        Assert.AreEqual(0.5, KnownLearningRateCourses.LinearDecay.At(0.85), 1e-12);
        Assert.AreEqual(0.5, KnownLearningRateCourses.Cosine.At(0.5), 1e-12);
        Assert.AreEqual(0.1, new CosineCourse(0.1).At(1), 1e-12);
        Assert.AreEqual(0.5, KnownLearningRateCourses.InverseSquareRoot.At(0.4), 1e-12);
        // PyTorch's OneCycleLR with div_factor 25 and final_div_factor 1e4, at its ends, its peak and half way up.
        Assert.AreEqual(0.04, KnownLearningRateCourses.OneCycle.At(0), 1e-12);
        Assert.AreEqual(0.52, KnownLearningRateCourses.OneCycle.At(0.15), 1e-12);
        Assert.AreEqual(1, KnownLearningRateCourses.OneCycle.At(0.3), 1e-12);
        Assert.AreEqual(4e-6, KnownLearningRateCourses.OneCycle.At(1), 1e-12);
    }

    [TestMethod]
    public void At_AnyPoint_IsAPartOfThePeakWithoutJumps()
    {
        LearningRateCourse[] courses = [.. typeof(KnownLearningRateCourses).GetProperties().Select(property => (LearningRateCourse)property.GetValue(null)!)];
        Assert.HasCount(5, courses);
        foreach (var course in courses)
            for (int i = 0; i < 1000; i++)
            {
                double here = course.At(i / 1000.0), next = course.At((i + 1) / 1000.0);
                Assert.IsInRange(0, 1, here);
                Assert.AreEqual(here, next, 0.006, $"{course.GetType().Name}: the steepest rise is π/2 over 0.3");
            }
    }

    [TestMethod]
    public void Constructors_IllegalValues_AreRefused()
    {
        Assert.Contains("decay must be in [0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LinearDecayCourse(1.1)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new CosineCourse(double.NaN));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new InverseSquareRootCourse(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new OneCycleCourse(start: -1));
    }
}
