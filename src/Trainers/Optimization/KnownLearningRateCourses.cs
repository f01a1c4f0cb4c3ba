namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Ready courses of the learning rate.</summary>
public static class KnownLearningRateCourses
{
    /// <summary>The peak to the end.</summary>
    public static LearningRateCourse Constant { get; } = new ConstantCourse();

    /// <summary>The peak, then linearly to 0 over the last 30 %.</summary>
    public static LearningRateCourse LinearDecay { get; } = new LinearDecayCourse();

    /// <summary>Half a cosine down to 0.</summary>
    public static LearningRateCourse Cosine { get; } = new CosineCourse();

    /// <summary>The peak for a tenth of the run, then down as 1/√t.</summary>
    public static LearningRateCourse InverseSquareRoot { get; } = new InverseSquareRootCourse();

    /// <summary>Up over 30 % of the run, then down to next to nothing.</summary>
    public static LearningRateCourse OneCycle { get; } = new OneCycleCourse();
}
