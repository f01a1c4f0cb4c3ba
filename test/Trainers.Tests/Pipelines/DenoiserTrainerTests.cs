using System.Diagnostics;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class DenoiserTrainerTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_Twice_GivesTheSameModelToTheLastBit()
    {
        int threads = get_num_threads();
        set_num_threads(2);
        try
        {
            Assert.AreSequenceEqual(Weights(Points.Options(20)), Weights(Points.Options(20)));
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [TestMethod]
    public void Fit_SeedOfTheContext_CountsUnlessOptionsHaveOne()
    {
        var withSeed = Points.Options(3);
        withSeed.Seed = 1;
        Assert.AreSequenceEqual(Weights(Points.Options(3)), Weights(withSeed));
        withSeed.Seed = 2;
        Assert.AreNotSequenceEqual(Weights(Points.Options(3)), Weights(withSeed));
    }

    [TestMethod]
    public void Fit_Progress_TellsEachStep()
    {
        var recorder = new Recorder();
        var options = Points.Options(30);
        options.Progress = recorder;
        Train(options).Dispose();
        Assert.HasCount(30, recorder.Reports);
        var last = recorder.Reports[^1];
        Assert.AreEqual(30, last.Step);
        Assert.AreEqual(30, last.TotalSteps);
        Assert.AreEqual(1, last.Fraction);
        Assert.AreEqual(TimeSpan.Zero, last.Remaining);
        Assert.IsGreaterThan(0, last.SamplesPerSecond);
        Assert.IsTrue(recorder.Reports.All(report => report.ValidationLoss is null && double.IsFinite(report.Loss)));
    }

    [TestMethod]
    public void Fit_WithValidation_ReportsItsLossAndTrainsTheSameModel()
    {
        var recorder = new Recorder();
        var options = Points.Options(25);
        options.Progress = recorder;
        options.ProgressInterval = 100;
        options.ValidationInterval = 10;
        var data = Noised(Points.Load(_ml));
        using var model = _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(data, data);
        Assert.AreSequenceEqual(new long[] { 1, 10, 20, 25 }, recorder.Reports.Select(report => report.Step));
        Assert.AreSequenceEqual(new[] { false, true, true, true }, recorder.Reports.Select(report => report.ValidationLoss is not null));
        Assert.IsLessThan(recorder.Reports[1].ValidationLoss!.Value, recorder.Reports[3].ValidationLoss!.Value);
        options.Progress = null;
        Assert.AreSequenceEqual(Weights(options), TrainedWeights.Of(model));
    }

    [TestMethod]
    public void Fit_Epochs_CountsRows()
    {
        var recorder = new Recorder();
        var options = Points.Options(1);
        options.Steps = null;
        options.Epochs = 1.5;
        options.Progress = recorder;
        Train(options, rows: 100).Dispose();
        // 150 rows in batches of 64.
        Assert.AreEqual(3, recorder.Reports[^1].Step);
    }

    [TestMethod]
    public void Fit_TimeBudget_EndsInTimeWithTheRateDecayed()
    {
        var recorder = new Recorder();
        var options = Points.Options(1);
        options.Steps = null;
        options.TimeBudget = TimeSpan.FromSeconds(0.5);
        options.Progress = recorder;
        var watch = Stopwatch.StartNew();
        Train(options).Dispose();
        // Wide: the machine may be busy, and a first step compiles.
        Assert.IsLessThan(TimeSpan.FromSeconds(10), watch.Elapsed);
        Assert.IsNull(recorder.Reports[^1].TotalSteps);
        Assert.IsLessThan(options.LearningRate, recorder.Reports[^1].LearningRate);
    }

    [TestMethod]
    public void Fit_CancelledWhileTraining_ReturnsTheModelSoFar()
    {
        using var source = new CancellationTokenSource();
        var options = Points.Options(1_000_000);
        options.CancellationToken = source.Token;
        var recorder = new Recorder(report =>
        {
            if (report.Step == 5)
                source.Cancel();
        });
        options.Progress = recorder;
        using var model = Train(options);
        Assert.AreEqual(5, recorder.Reports[^1].Step);
        Assert.IsTrue(TrainedWeights.Of(model).All(float.IsFinite));
    }

    [TestMethod]
    public void Fit_CancelledBefore_Throws()
    {
        var options = Points.Options(10);
        options.CancellationToken = new CancellationToken(canceled: true);
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(options));
    }

    [TestMethod]
    public void Fit_AbsurdLearningRate_StopsAndHandsOutTheModelSoFar()
    {
        var options = Points.Options(1000);
        options.LearningRate = 1e30;
        options.WarmUp = 0;
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => Train(options));
        using var model = (DenoiserTransformer?)error.Model;
        Assert.IsNotNull(model);
        Assert.IsGreaterThan(0, error.Progress.Step);
        Assert.Contains($"step {error.Progress.Step + 1}", error.Message);
        Assert.Contains("LearningRate", error.Message);
        Assert.IsFalse(double.IsFinite(error.Progress.Loss) && double.IsFinite(error.Progress.GradientNorm));
    }

    [TestMethod]
    public void Fit_ThenDispose_LeavesNoTensorsAndTorchAsItWas()
    {
        var data = Noised(Points.Load(_ml));
        var trainer = _ml.Diffusion().Trainers.Denoiser("Point", options: Points.Options(5));
        trainer.Fit(data).Dispose();
        long before = TensorLeak.Count();
        int threads = get_num_threads();
        trainer.Fit(data, data).Dispose();
        Assert.AreEqual(before, Tensor.TotalCount);
        Assert.AreEqual(threads, get_num_threads());
        Assert.IsTrue(is_grad_enabled());
        Assert.AreEqual(ScalarType.Float32, get_default_dtype());
    }

    [TestMethod]
    public void Fit_FailsWhileTraining_LeavesNoTensors()
    {
        var data = Noised(Points.Load(_ml));
        var options = Points.Options(5);
        var trainer = _ml.Diffusion().Trainers.Denoiser("Point", options: options);
        trainer.Fit(data).Dispose();
        long before = TensorLeak.Count();
        options.Progress = new Recorder(_ => throw new IOException("The disk is full."));
        Assert.ThrowsExactly<IOException>(() => _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(data));
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Fit_BFloat16_Trains()
    {
        using var emulation = new EmulatedBFloat16();
        var options = Points.Options(200);
        options.Precision = Precision.BFloat16;
        var recorder = new Recorder();
        options.Progress = recorder;
        using var model = Train(options);
        Assert.IsTrue(TrainedWeights.Of(model).All(float.IsFinite));
        Assert.IsLessThan(recorder.Reports.Take(10).Average(report => report.Loss), recorder.Reports[^1].SmoothedLoss);
    }

    [TestMethod]
    public void Fit_BFloat16OnAProcessorWithout_SaysSo()
    {
        var options = Points.Options(1);
        options.Precision = Precision.BFloat16;
        if (Precision.BFloat16.IsSupported(CPU, out string? reason))
            Assert.Inconclusive("This processor computes in bf16.");
        Assert.Contains(reason!, Assert.ThrowsExactly<NotSupportedException>(() => Train(options)).Message);
    }

    [TestMethod]
    public void Fit_EpsilonWhereAlphaIsNextToNothing_Warns()
    {
        var warnings = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        void Fit(NoiseSchedule schedule, Parameterization parameterization)
        {
            var options = Points.Options(1);
            options.Parameterization = parameterization;
            var data = Points.Load(ml);
            ml.Diffusion().Transforms.NoiseSchedule("Point", schedule).Append(ml.Diffusion().Trainers.Denoiser("Point", options: options)).Fit(data).Dispose();
        }

        Fit(KnownSchedules.Linear, KnownParameterizations.Epsilon);
        Fit(KnownSchedules.Cosine, KnownParameterizations.V);
        Assert.IsEmpty(warnings);
        Fit(KnownSchedules.Cosine, KnownParameterizations.Epsilon);
        Assert.Contains("20,291 times as large", warnings.Single());
    }

    [TestMethod]
    public void Fit_OnProgress_IsToldEachStepBesideProgressAndMayCancel()
    {
        using var cancel = new CancellationTokenSource();
        var recorder = new Recorder();
        var steps = new List<long>();
        var options = Points.Options(100);
        options.Progress = recorder;
        options.CancellationToken = cancel.Token;
        options.OnProgress = progress =>
        {
            steps.Add(progress.Step);
            if (progress.Step == 4)
                cancel.Cancel();
        };
        using var model = Train(options);
        Assert.AreSequenceEqual(new long[] { 1, 2, 3, 4 }, steps);
        Assert.AreSequenceEqual(steps, recorder.Reports.Select(report => report.Step));
    }

    [TestMethod]
    public void Fit_WithoutABudget_SaysOnceHowLongItTakes()
    {
        string[] Lines(Action<DenoiserTrainer.Options> set)
        {
            using var cancel = new CancellationTokenSource();
            var lines = new List<string>();
            var ml = new MLContext(seed: 1);
            ml.Log += (_, e) => lines.Add(e.Message);
            var options = Points.Options(1);
            options.Steps = null;
            set(options);
            options.CancellationToken = cancel.Token;
            options.OnProgress = progress =>
            {
                if (progress.Step == 15)
                    cancel.Cancel();
            };
            var d = ml.Diffusion();
            d.Transforms.NoiseSchedule("Point").Append(d.Trainers.Denoiser("Point", options: options)).Fit(Points.Load(ml)).Dispose();
            return [.. lines.Where(line => line.Contains("No budget was set", StringComparison.Ordinal))];
        }

        string line = Assert.ContainsSingle(Lines(_ => { }));
        Assert.MatchesRegex(@"training takes 5,000 steps: about [\d.,]+ (seconds|minutes|hours) more on this machine\. Set TimeBudget", line);
        Assert.IsEmpty(Lines(options => options.Steps = 20));
        Assert.IsEmpty(Lines(options => options.TimeBudget = TimeSpan.FromMinutes(1)));
    }

    [TestMethod]
    public void Fit_GpuThatIsNotThere_Throws()
    {
        var options = Points.Options(1);
        options.GpuDeviceId = 99;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Train(options));
        Assert.Contains("GPU 99", error.Message);
    }

    [TestMethod]
    public void Fit_Log_NamesDevicePrecisionAndSize()
    {
        var lines = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => lines.Add(e.Message);
        var d = ml.Diffusion();
        var data = Points.Load(ml);
        d.Transforms.NoiseSchedule("Point").Append(d.Trainers.Denoiser("Point", options: Points.Options(2))).Fit(data).Dispose();
        Assert.Contains(line => line.Contains("parameters on cpu in Float32: 2 steps, batches of 64 from 1,000 rows, seed 1", StringComparison.Ordinal), lines);
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Fit_InvalidValue_NamesRowAndColumn(float value)
    {
        var noise = _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(Points.Load(_ml));
        var rows = Points.Rows(10);
        rows[7].Point[1] = value;
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.Diffusion().Trainers.Denoiser("Point").Fit(noise.Transform(_ml.Data.LoadFromEnumerable(rows))));
        Assert.Contains("Row 7 of the training data, column 'Point'", error.Message);
    }

    [TestMethod]
    public void Fit_NoRows_Throws()
    {
        var noise = _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(Points.Load(_ml));
        var empty = noise.Transform(_ml.Data.LoadFromEnumerable(Array.Empty<PointRow>()));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Diffusion().Trainers.Denoiser("Point").Fit(empty));
        Assert.Contains("no rows", error.Message);
    }

    [TestMethod]
    public void Fit_NoNoiseSchedule_SaysHowToAddOne()
    {
        var trainer = _ml.Diffusion().Trainers.Denoiser("Point");
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(Points.Load(_ml)));
        Assert.Contains("d.Transforms.NoiseSchedule(\"Point\")", error.Message);
    }

    [TestMethod]
    [DataRow("Nothing", null)]
    [DataRow("Cloud", null)]
    [DataRow("Point", "Nothing")]
    [DataRow("Point", "Cloud")]
    public void Fit_WrongColumns_NamesThem(string column, string? condition)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Diffusion().Trainers.Denoiser(column, condition).Fit(Noised(Points.Load(_ml))));
        Assert.Contains($"'{condition ?? column}'", error.Message);
    }

    [TestMethod]
    public void Fit_NetworkForPictures_IsRefusedForVectors()
    {
        var options = Points.Options(1);
        options.Network = UNet.Small;
        var error = Assert.ThrowsExactly<ArgumentException>(() => Train(options));
        Assert.Contains("UNet takes pictures", error.Message);
    }

    private IDataView Noised(IDataView data) => _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data);

    private DenoiserTransformer Train(DenoiserTrainer.Options options, int rows = 1000)
        => _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(Noised(Points.Load(_ml, rows)));

    private float[] Weights(DenoiserTrainer.Options options)
    {
        using var model = Train(options);
        return TrainedWeights.Of(model);
    }
}
