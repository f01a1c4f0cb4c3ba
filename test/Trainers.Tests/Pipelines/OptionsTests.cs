namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class OptionsTests
{
    public static IEnumerable<object[]> Wrong =>
    [
        [nameof(DenoiserTrainer.Options.LossWeight), new DenoiserTrainer.Options { LossWeight = null! }],
        [nameof(DenoiserTrainer.Options.OffsetNoise), new DenoiserTrainer.Options { OffsetNoise = -0.1 }],
        [nameof(DenoiserTrainer.Options.OffsetNoise), new DenoiserTrainer.Options { OffsetNoise = double.NaN }],
        [nameof(DenoiserTrainer.Options.Steps), new DenoiserTrainer.Options { Steps = 0 }],
        [nameof(DenoiserTrainer.Options.Epochs), new DenoiserTrainer.Options { Epochs = 0 }],
        [nameof(DenoiserTrainer.Options.TimeBudget), new DenoiserTrainer.Options { TimeBudget = TimeSpan.Zero }],
        [nameof(DenoiserTrainer.Options.BatchSize), new DenoiserTrainer.Options { BatchSize = 0 }],
        [nameof(DenoiserTrainer.Options.GradientAccumulation), new DenoiserTrainer.Options { GradientAccumulation = 0 }],
        [nameof(DenoiserTrainer.Options.Patience), new DenoiserTrainer.Options { Patience = 0 }],
        [nameof(DenoiserTrainer.Options.MetricsFolder), new DenoiserTrainer.Options { MetricsFolder = " " }],
        [nameof(DenoiserTrainer.Options.LearningRate), new DenoiserTrainer.Options { LearningRate = double.NaN }],
        [nameof(DenoiserTrainer.Options.WarmUp), new DenoiserTrainer.Options { WarmUp = 1 }],
        [nameof(DenoiserTrainer.Options.Decay), new DenoiserTrainer.Options { Decay = -0.1 }],
        [nameof(DenoiserTrainer.Options.WeightDecay), new DenoiserTrainer.Options { WeightDecay = -1 }],
        [nameof(DenoiserTrainer.Options.EmaLength), new DenoiserTrainer.Options { EmaLength = 0.3 }],
        [nameof(DenoiserTrainer.Options.GradientClipping), new DenoiserTrainer.Options { GradientClipping = 0 }],
        [nameof(DenoiserTrainer.Options.ConditionDropout), new DenoiserTrainer.Options { ConditionDropout = 1.1 }],
        [nameof(DenoiserTrainer.Options.Precision), new DenoiserTrainer.Options { Precision = (Precision)7 }],
        [nameof(DenoiserTrainer.Options.ProgressInterval), new DenoiserTrainer.Options { ProgressInterval = 0 }],
        [nameof(DenoiserTrainer.Options.ValidationInterval), new DenoiserTrainer.Options { ValidationInterval = 0 }],
        [nameof(DenoiserTrainer.Options.ValidationRows), new DenoiserTrainer.Options { ValidationRows = 0 }],
        [nameof(DenoiserTrainer.Options.GpuDeviceId), new DenoiserTrainer.Options { GpuDeviceId = -1 }],
        [nameof(DenoiserTrainer.Options.DenoiserColumnName), new DenoiserTrainer.Options { DenoiserColumnName = "" }],
        [nameof(DenoiserTrainer.Options.DenoisedColumnName), new DenoiserTrainer.Options { DenoisedColumnName = "Denoiser" }],
    ];

    [TestMethod]
    [DynamicData(nameof(Wrong))]
    public void Denoiser_WrongOption_NamesItAndItsRange(string name, DenoiserTrainer.Options options)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MLContext().Diffusion().Trainers.Denoiser("Pixels", options: options));
        Assert.AreEqual(name, error.ParamName);
        Assert.Contains("must be", error.Message);
    }

    [TestMethod]
    public void Denoiser_OptionsChangedLater_AreNotUsed()
    {
        var ml = new MLContext(seed: 1);
        var options = Points.Options(2);
        var recorder = new Recorder();
        options.Progress = recorder;
        var trainer = ml.Diffusion().Trainers.Denoiser("Point", options: options);
        options.Steps = 1_000_000_000;
        var data = Points.Load(ml, 10);
        trainer.Fit(ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data)).Dispose();
        Assert.HasCount(2, recorder.Reports);
    }

    public static IEnumerable<object[]> Unfit =>
    [
        ["OffsetNoise is 0.1", new DenoiserTrainer.Options { OffsetNoise = 0.1 }],
        ["HorizontalFlips is set", new DenoiserTrainer.Options { HorizontalFlips = true }],
        ["ConsistencyParameterization is not defined", new DenoiserTrainer.Options { Parameterization = KnownParameterizations.Consistency }],
        ["Negative gives the level", new DenoiserTrainer.Options { LossWeight = new Negative() }],
    ];

    [TestMethod]
    [DynamicData(nameof(Unfit))]
    public void Fit_OptionThatDoesNotFitTheData_SaysWhatDoesNotFit(string words, DenoiserTrainer.Options options)
    {
        var d = new MLContext(seed: 1).Diffusion();
        var data = Points.Load(new MLContext(), 10);
        var noised = d.Transforms.NoiseSchedule("Point").Fit(data).Transform(data);
        Assert.Contains(words, Assert.ThrowsExactly<ArgumentException>(() => d.Trainers.Denoiser("Point", options: options).Fit(noised)).Message);
    }

    [TestMethod]
    public void Denoiser_ConditionNamedTwice_Throws()
        => Assert.ThrowsExactly<ArgumentException>(() => new MLContext().Diffusion().Trainers.Denoiser("Pixels", ["Label", "Label"]));

    private sealed class Negative : LossWeight
    {
        public override double OnX0(NoiseLevel level, Parameterization parameterization) => -1;
    }
}
