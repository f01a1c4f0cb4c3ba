using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class WeightEnsembleTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(0.5, 0)]
    [DataRow(0.62, 0)]
    [DataRow(0.625, 1)]
    [DataRow(0.75, 2)]
    [DataRow(0.99, 3)]
    [DataRow(1, 3)]
    public void DueAt_FourMembersOfTheSecondHalf_AtEqualDistancesButTheLast(double fraction, int expected)
        => Assert.AreEqual(expected, new WeightEnsemble(4).DueAt(fraction));

    [TestMethod]
    public void Fit_Ensemble_AnswersWithTheMeanOfTheWeightsAlongTheRun()
    {
        // Of 40 steps the second half, in thirds: those before steps 27 and 34, the first to begin beyond 2/3 and 5/6, are done, and the last.
        float[][] alone = [.. new[] { 28, 35, 40 }.Select(steps => Answer(Constant(steps)))];
        float[] expected = [.. alone[0].Select((_, i) => (alone[0][i] + alone[1][i] + alone[2][i]) / 3)];
        var options = Constant(40);
        options.Ensemble = new WeightEnsemble(3);
        float[] mean = Answer(options);
        for (int i = 0; i < mean.Length; i++)
            Assert.AreEqual(expected[i], mean[i], 1e-5, "sums of three in another order, single precision");
        Assert.AreNotSequenceEqual(alone[2], mean);
    }

    [TestMethod]
    public void Save_Ensemble_LoadsBitIdenticalAndHasNoSingleWeights()
    {
        var options = Constant(12);
        options.Ensemble = new WeightEnsemble(3);
        using var model = Train(options);
        Assert.AreEqual(3, model.Model.Members);
        using var file = new MemoryStream();
        _ml.Model.Save(model, Input().Schema, file);
        using var loaded = (DenoiserTransformer)_ml.Model.Load(file, out _);
        Assert.AreSequenceEqual(TrainedWeights.Of(model), TrainedWeights.Of(loaded));
        Assert.Contains("ensemble of 3", Assert.ThrowsExactly<NotSupportedException>(() => _ml.Diffusion().SaveWeights(model, Path.GetTempFileName())).Message);
        options.StartFrom = model;
        Assert.Contains("ensemble of 3", Assert.ThrowsExactly<NotSupportedException>(() => Train(options)).Message);
    }

    [TestMethod]
    public void Fit_EnsembleInterruptedAndResumed_GivesTheModelOfOneGo()
    {
        var folder = Directory.CreateTempSubdirectory("ensemble-");
        try
        {
            float[] expected = Answer(Interruptible(null));
            using var stop = new CancellationTokenSource();
            var options = Interruptible(folder.FullName);
            options.CancellationToken = stop.Token;
            options.Progress = new Recorder(progress =>
            {
                if (progress.Step == 31)
                    stop.Cancel();
            });
            Answer(options);
            Assert.AreSequenceEqual(expected, Answer(Interruptible(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static DenoiserTrainer.Options Interruptible(string? folder)
        {
            var options = Constant(40);
            options.Ensemble = new WeightEnsemble(3);
            options.ProgressInterval = 1;
            options.Checkpoint = folder is null ? null : new TrainingCheckpoint(folder) { Every = 10, Resume = true };
            return options;
        }
    }

    [TestMethod]
    public void Ensemble_OptionsThatDoNotFit_Refused()
    {
        Assert.Contains("at least 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WeightEnsemble(1)).Message);
        Assert.Contains("burn-in", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WeightEnsemble(2, 1)).Message);
        var options = Constant(2);
        (options.Ensemble, options.KeepBest) = (new WeightEnsemble(2), true);
        Assert.Contains("KeepBest", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Train(options)).Message);
    }

    // Runs of other lengths take the same first steps where neither rate nor weights know of the end.
    private static DenoiserTrainer.Options Constant(int steps)
    {
        var options = Points.Options(steps);
        (options.WarmUp, options.Course, options.EmaLength) = (0, KnownLearningRateCourses.Constant, 0);
        return options;
    }

    private IDataView Input() => _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(Points.Load(_ml)).Transform(Points.Load(_ml));

    private DenoiserTransformer Train(DenoiserTrainer.Options options) => _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(Input());

    private float[] Answer(DenoiserTrainer.Options options)
    {
        using var model = Train(options);
        return TrainedWeights.Of(model);
    }
}
