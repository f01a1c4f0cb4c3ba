using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class ConsistencyTests
{
    // Noise far above data of deviation 1, so that one step begins without knowledge of the data.
    private static readonly EdmSchedule Schedule = new(0.01, 20);

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_ConsistencyTraining_SamplesInOneOrTwoSteps()
    {
        using var model = Fit(Training(2000), steps: 1);
        CheckMoments(model, "one step");
        // From far up to a level where the clouds are apart, and to the data from there.
        var d = _ml.Diffusion();
        var input = new TransformerChain<ITransformer>([.. model.Take(2)]).Transform(Points.Queries(_ml, 1024));
        var twice = d.Transforms.Sampler("Sample", new() { Solver = Solver, BatchSize = 512, Steps = 2, Spacing = new KarrasSpacing(ratioMin: 0.4) }).Fit(input);
        var samples = Points.Samples(_ml, twice.Transform(input));
        CheckMoments(samples, "two steps");
        Assert.AreNotSequenceEqual(Points.Samples(_ml, model.Transform(Points.Queries(_ml, 1024)))[0], samples[0]);
    }

    [TestMethod]
    public void Fit_ConsistencyDistillation_SamplesAsTheTeacherInOneStep()
    {
        var options = Points.Options(steps: 1500);
        using var teacher = Fit(options, steps: 1);
        options = Points.Options(steps: 1000);
        options.Objective = KnownObjectives.ConsistencyDistillation;
        options.Levels = new KarrasLevels();
        (options.Teacher, options.StartFrom) = (teacher, teacher);
        using var model = Fit(options, steps: 1);
        CheckMoments(model, "distilled");
        // The denoiser itself goes to the mean of the data in one step.
        Assert.IsLessThan(1, Points.Moments(Points.Samples(_ml, teacher.Transform(Points.Queries(_ml, 512)))).Covariance[0]);
    }

    [TestMethod]
    public void Fit_TeacherOrParameterizationMissing_IsRefused()
    {
        var options = Points.Options(steps: 1);
        options.Objective = KnownObjectives.ConsistencyDistillation;
        Assert.Contains("Teacher", Assert.ThrowsExactly<ArgumentException>(() => Fit(options, 1)).Message);
        options.Objective = KnownObjectives.ConsistencyTraining;
        options.Parameterization = KnownParameterizations.V;
        Assert.Contains("ConsistencyParameterization", Assert.ThrowsExactly<ArgumentException>(() => Fit(options, 1)).Message);
        options.Parameterization = null;
        options.LossWeight = KnownLossWeights.Edm;
        Assert.Contains("LossWeight", Assert.ThrowsExactly<ArgumentException>(() => Fit(options, 1)).Message);
        options.LossWeight = KnownLossWeights.Uniform;
        using var other = Fit(Points.Options(steps: 1), 1);
        options.Teacher = other;
        Assert.Contains("asks no teacher", Assert.ThrowsExactly<ArgumentException>(() => Fit(options, 1)).Message);
    }

    private static ConsistencySolver Solver => new(ratioMin: Schedule.SigmaMin);

    private static DenoiserTrainer.Options Training(int steps)
    {
        var options = Points.Options(steps);
        options.Objective = new ConsistencyTrainingObjective { Course = new DoublingCourse(10, 160) };
        options.Levels = new LogNormalLevels(-1.1, 2);
        options.BatchSize = 128;
        return options;
    }

    private TransformerChain<SamplerTransformer> Fit(DenoiserTrainer.Options options, int steps)
    {
        var d = _ml.Diffusion();
        return d.Transforms.NoiseSchedule("Point", Schedule)
            .Append(d.Trainers.Denoiser("Point", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { Solver = Solver, BatchSize = 512, Steps = steps }))
            .Fit(Points.Load(_ml));
    }

    private void CheckMoments(TransformerChain<SamplerTransformer> model, string what) => CheckMoments(Points.Samples(_ml, model.Transform(Points.Queries(_ml, 1024))), what);

    private static void CheckMoments(float[][] samples, string what)
    {
        Points.AssertMoments(samples, what);
        // One step smooths what lies between the clouds: twice as much may be there as in LearningTests; a Gaussian of the data's moments has 19 %.
        Assert.IsLessThan(0.06, samples.Count(sample => Math.Abs(sample[0]) < 0.5) / (double)samples.Length, what);
    }
}
