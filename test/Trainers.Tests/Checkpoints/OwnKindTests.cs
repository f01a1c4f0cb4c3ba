namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Checkpoints of runs whose options are of the program's own classes.</summary>
[TestClass]
public sealed class OwnKindTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("own-kinds-").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(_folder, true);

    public static IEnumerable<object[]> Kinds => [["Course"], ["Levels"], ["Pairing"], ["Average"]];

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Fit_OwnKindWithCheckpoint_ResumesTheSameAndRefusesAnother(string option)
    {
        Fit(option, 3, 6, new TrainingCheckpoint(_folder));
        var resumed = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(option, 3.5, 6, new TrainingCheckpoint(_folder) { Resume = true }));
        Assert.Contains($"{option} is ", resumed.Message);
        Assert.Contains("3.5", resumed.Message);
        Assert.Contains($"OwnKindTests+Own{option} {{", resumed.Message);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Fit_OwnKindResumed_GivesTheModelOfAnUninterruptedRun(string option)
    {
        var whole = Fit(option, 3, 6, null);
        using (var stop = new CancellationTokenSource())
            Fit(option, 3, 6, new TrainingCheckpoint(_folder), stop);
        Assert.AreSequenceEqual(whole, Fit(option, 3, 6, new TrainingCheckpoint(_folder) { Resume = true }));
    }

    [TestMethod]
    public void Fit_OwnKindThatCanNotBeCompared_IsRefusedBeforeTraining()
    {
        var options = Points.Options(4);
        options.Course = new CourseOfCode(fraction => 1 - fraction);
        Train(options);
        options.Checkpoint = new TrainingCheckpoint(_folder);
        var e = Assert.ThrowsExactly<ArgumentException>(() => Train(options));
        Assert.AreEqual("The option Course is a CourseOfCode, an own class whose 'at' holds a Func`2, by which a checkpoint can not tell whether a resumed run has the same. Keep numbers, texts or lists of them in the class, or train without the option Checkpoint.", e.Message);
    }

    private float[] Fit(string option, double value, int steps, TrainingCheckpoint? checkpoint, CancellationTokenSource? stop = null)
    {
        var options = Points.Options(steps);
        options.Checkpoint = checkpoint;
        if (stop is not null)
        {
            options.CancellationToken = stop.Token;
            options.OnProgress = step =>
            {
                if (step.Step == 3)
                    stop.Cancel();
            };
        }
        switch (option)
        {
            case "Course":
                options.Course = new OwnCourse(value);
                break;
            case "Levels":
                options.Levels = new OwnLevels { Power = value };
                break;
            case "Pairing":
                options.Pairing = new OwnPairing(value);
                break;
            default:
                options.Average = new OwnAverage([value]);
                break;
        }
        return Train(options);
    }

    private float[] Train(DenoiserTrainer.Options options)
    {
        var data = _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(Points.Load(_ml, 20)).Transform(Points.Load(_ml, 20));
        using var model = _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(data);
        return TrainedWeights.Of(model);
    }

    private sealed class OwnCourse(double power) : LearningRateCourse
    {
        public override double At(double fraction) => 1 / (1 + power * fraction);
    }

    private sealed class OwnLevels : LevelDistribution
    {
        public double Power { get; init; }

        public override double Time(double u, NoiseSchedule schedule) => Math.Pow(u, 1 / Power);
    }

    private sealed class OwnPairing(double shift) : NoisePairing
    {
        public override int[]? Pair(ReadOnlySpan<float> samples, ReadOnlySpan<float> noise, int rows) => [.. Enumerable.Range(0, rows).Select(row => (row + (int)shift) % rows)];
    }

    private sealed class OwnAverage(IReadOnlyList<double> lengths) : WeightAverage
    {
        public override double WeightAt(long step) => 1 / Math.Min(step, lengths[0]);
    }

    private sealed class CourseOfCode(Func<double, double> at) : LearningRateCourse
    {
        public override double At(double fraction) => at(fraction);
    }
}
