using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class EngineOptionsTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_Accumulation_CountsSamplesAndLearns()
    {
        var recorder = new Recorder();
        var options = Points.Options(1);
        (options.Steps, options.Epochs, options.BatchSize, options.GradientAccumulation) = (null, 6, 16, 4);
        options.Progress = recorder;
        using var model = Train(options);
        // 6,000 rows, 64 a step.
        Assert.AreEqual(94, recorder.Reports[^1].Step);
        Assert.IsLessThan(0.8 * recorder.Reports.Take(5).Average(report => report.Loss), recorder.Reports[^1].SmoothedLoss);
    }

    [TestMethod]
    public void Step_AccumulatedBatches_HaveTheMeanGradientOfThem()
    {
        // Of SGD without momentum and clipping the movement is the gradient.
        var options = Points.Options(1);
        (options.Optimizer, options.EmaLength, options.GradientClipping, options.BatchSize) = (new SgdOptimizer(0), 0, double.PositiveInfinity, 8);
        using var run = new EngineRun(new DataShape(2), i => [MathF.Sin(i), MathF.Cos(i)], 100, options);
        var source = run.Task.Batches(run.Rows, options);
        float[] Moved(params int[] batches)
        {
            using var engine = run.Start();
            using var before = engine.Snapshot();
            int next = 0;
            var made = batches.Select(i => source.Batch(i)).ToArray();
            engine.Step(() => made[next++], batches.Length, learningRate: 1);
            foreach (var batch in made)
                batch.Dispose();
            using var after = engine.Snapshot();
            return [.. before.Master.data<float>().Zip(after.Master.data<float>(), (a, b) => b - a)];
        }
        float[] first = Moved(0), second = Moved(1), both = Moved(0, 1);
        Assert.Contains(value => Math.Abs(value) > 1e-3, both);
        for (int i = 0; i < both.Length; i++)
            Assert.AreEqual((first[i] + second[i]) / 2, both[i], Float32Tolerance.OfNetwork(), "differences of weights near 1");
    }

    [TestMethod]
    public void Fit_EachOptimizerCourseAndAverage_Learns()
    {
        var courses = typeof(KnownLearningRateCourses).GetProperties().Select(property => (LearningRateCourse)property.GetValue(null)!);
        (WeightOptimizer? Optimizer, double Rate, LearningRateCourse? Course, WeightAverage? Average)[] runs = [
            .. courses.Select(course => ((WeightOptimizer?)null, 2e-3, (LearningRateCourse?)course, (WeightAverage?)null)),
            (new SgdOptimizer(), 0.3, null, null), (new SgdOptimizer(0.9, nesterov: true), 0.3, null, null), (new AdamWOptimizer(beta2: 0.99), 2e-3, null, null),
            (new SgldOptimizer(1e-3), 1, null, new ThinnedAverage(50, every: 2)), (null, 2e-3, null, new ExponentialAverage(0.99)), (null, 2e-3, null, new ExponentialAverage(0.99, power: 0.75))];
        foreach (var (optimizer, rate, course, average) in runs)
        {
            var recorder = new Recorder();
            var options = Points.Options(150);
            (options.Optimizer, options.LearningRate, options.Course, options.Average, options.Progress) = (optimizer, rate, course, average, recorder);
            using var model = Train(options);
            Assert.IsLessThan(0.8 * recorder.Reports.Take(5).Average(report => report.Loss), recorder.Reports[^1].SmoothedLoss, $"{optimizer} {course} {average}");
        }
    }

    [TestMethod]
    public void Fit_DecayOfMatricesOnly_LeavesBiasesAndGainsAlone()
    {
        // A learning rate so small that nothing but the decay moves weights: 10 steps of 0.5.
        var options = Points.Options(10);
        (options.LearningRate, options.WeightDecay, options.DecayMatricesOnly, options.EmaLength, options.WarmUp, options.Decay) = (1e-9, 5e8, true, 0, 0, 0);
        using var run = new EngineRun(new DataShape(2), i => [MathF.Sin(i), MathF.Cos(i)], 100, options);
        using var engine = run.Start();
        using var before = engine.Snapshot();
        var source = run.Task.Batches(run.Rows, options);
        for (int i = 0; i < 10; i++)
        {
            using var batch = source.Batch(i);
            engine.Step(batch, options.LearningRate);
        }
        using var after = engine.Snapshot();
        for (int parameter = 0; parameter < before.Inventory.Count; parameter++)
        {
            var info = before.Inventory[parameter];
            float[] expected = new float[info.Count], actual = new float[info.Count];
            before.Read(parameter, expected);
            after.Read(parameter, actual);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(info.Shape.Count > 1 ? expected[i] / 1024 : expected[i], actual[i], 1e-6, $"{info}: Adam's own ten steps of 1e-9, and rounding");
        }
    }

    [TestMethod]
    public void Fit_Patience_StopsAndKeepsTheBest()
    {
        var recorder = new Recorder();
        var options = Points.Options(100_000);
        // A rate at which the loss soon no longer falls.
        (options.LearningRate, options.Course, options.ValidationInterval, options.Patience, options.KeepBest) = (0.02, KnownLearningRateCourses.Constant, 10, 3, true);
        (options.ProgressInterval, options.Progress) = (1_000_000, recorder);
        var data = Noised(Points.Load(_ml, 200));
        using var model = _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(data, data);
        double[] losses = [.. recorder.Reports.Where(report => report.ValidationLoss is not null).Select(report => report.ValidationLoss!.Value)];
        Assert.IsLessThan(100_000, recorder.Reports[^1].Step);
        Assert.AreEqual(3, losses.Length - 1 - Array.IndexOf(losses, losses.Min()), "the last three were no better");
        // The model is that of the best validation: one that is trained so far and no farther.
        options = Points.Options(100_000);
        (options.LearningRate, options.Course) = (0.02, KnownLearningRateCourses.Constant);
        using var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        long best = 10 * (Array.IndexOf(losses, losses.Min()) + 1);
        options.Progress = new Recorder(report =>
        {
            if (report.Step == best)
                source.Cancel();
        });
        using var expected = _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(data);
        Assert.AreSequenceEqual(TrainedWeights.Of(expected), TrainedWeights.Of(model));
    }

    [TestMethod]
    public void Fit_KeepBestCancelledBeforeValidation_KeepsWhatIsTrained()
    {
        DenoiserTransformer Run(bool keepBest)
        {
            using var source = new CancellationTokenSource();
            var options = Points.Options(1000);
            (options.KeepBest, options.CancellationToken) = (keepBest, source.Token);
            options.Progress = new Recorder(report =>
            {
                if (report.Step == 30)
                    source.Cancel();
            });
            var data = Noised(Points.Load(_ml, 200));
            return _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(data, data);
        }
        using DenoiserTransformer best = Run(true), last = Run(false);
        Assert.AreSequenceEqual(TrainedWeights.Of(last), TrainedWeights.Of(best));
    }

    [TestMethod]
    public void Fit_KeepBestResumed_KeepsTheBestOfBothParts()
    {
        var folder = Directory.CreateTempSubdirectory("best-");
        try
        {
            float[] Run(bool checkpoint, long? stop)
            {
                using var source = new CancellationTokenSource();
                var options = Points.Options(60);
                (options.KeepBest, options.ValidationInterval, options.CancellationToken) = (true, 10, source.Token);
                (options.LearningRate, options.Course, options.EmaLength) = (0.05, KnownLearningRateCourses.Constant, 0);
                options.Checkpoint = checkpoint ? new(folder.FullName) { Resume = true } : null;
                options.Progress = new Recorder(report =>
                {
                    if (report.Step == stop)
                        source.Cancel();
                });
                var data = Noised(Points.Load(_ml, 200));
                using var model = _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(data, data);
                return TrainedWeights.Of(model);
            }
            float[] expected = Run(checkpoint: false, stop: null);
            Run(checkpoint: true, stop: 35);
            Assert.AreSequenceEqual(expected, Run(checkpoint: true, stop: null));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Fit_PatienceOrBestWithoutValidation_IsRefused()
    {
        var options = Points.Options(1);
        options.Patience = 1;
        Assert.Contains("validation data", Assert.ThrowsExactly<InvalidOperationException>(() => Train(options)).Message);
        (options.Patience, options.KeepBest) = (null, true);
        Assert.Contains("validation data", Assert.ThrowsExactly<InvalidOperationException>(() => Train(options)).Message);
    }

    [TestMethod]
    public void Fit_StartFrom_GoesOnFromTheModelAndItsNetwork()
    {
        using var first = Train(Points.Options(200));
        var options = new DenoiserTrainer.Options { Steps = 1, LearningRate = 1e-12, StartFrom = first, Precision = Precision.Float32 };
        using var second = Train(options);
        Assert.AreEqual(first.Spec.Network, second.Spec.Network);
        Assert.AreEqual(ModelJson.Write(first.Spec.Parameterization), ModelJson.Write(second.Spec.Parameterization));
        float[] expected = TrainedWeights.Of(first), actual = TrainedWeights.Of(second);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5, "one step of 1e-12");
        // From a chain in a file, too.
        string file = Path.GetTempFileName();
        try
        {
            _ml.Model.Save(new TransformerChain<ITransformer>(first), Noised(Points.Load(_ml)).Schema, file);
            options.StartFrom = _ml.Model.Load(file, out _);
            using var third = Train(options);
            Assert.AreSequenceEqual(actual, TrainedWeights.Of(third));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestMethod]
    public void Fit_StartFromWhatDoesNotFit_NamesTheParameter()
    {
        using var first = Train(Points.Options(1));
        var options = Points.Options(1);
        options.StartFrom = first;
        options.Network = new ResidualMlp { Width = 32, Blocks = 2 };
        string message = Assert.ThrowsExactly<ArgumentException>(() => Train(options)).Message;
        Assert.Contains("StartFrom", message);
        Assert.Contains("weight", message);
        options.StartFrom = new TransformerChain<ITransformer>();
        Assert.Contains("no trained denoiser", Assert.ThrowsExactly<ArgumentException>(() => Train(options)).Message);
    }

    private IDataView Noised(IDataView data) => _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data);

    private DenoiserTransformer Train(DenoiserTrainer.Options options) => _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(Noised(Points.Load(_ml)));
}
