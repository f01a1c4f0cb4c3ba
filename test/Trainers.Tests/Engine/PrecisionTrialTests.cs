using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class PrecisionTrialTests
{
    [TestMethod]
    public void Fit_Auto_TimesStepsOfBothOnceAndTrainsAsIfTheOneItTookHadBeenNamed()
    {
        using var emulation = new EmulatedBFloat16();
        var log = new List<string>();
        // 100,000 steps have room for a trial; three are made.
        float[] weights = Weights(Precision.Auto, log);
        string line = log.Single(message => message.Contains("Precision is ", StringComparison.Ordinal));
        Assert.Contains("of Float32's time", line);
        var taken = line.Contains("Precision is Float32", StringComparison.Ordinal) ? Precision.Float32 : Precision.BFloat16;
        Assert.Contains(message => message.Contains($" in {taken}:", StringComparison.Ordinal), log);
        // Neither random numbers nor weights are used up by the trial.
        Assert.AreSequenceEqual(Weights(taken, []), weights);
        // The same network, shape and batch again: the verdict, with its times, is the one of before.
        log.Clear();
        Assert.AreSequenceEqual(weights, Weights(Precision.Auto, log));
        Assert.AreEqual(line[line.IndexOf("Precision is ", StringComparison.Ordinal)..], log.Where(message => message.Contains("Precision is ", StringComparison.Ordinal)).Select(message => message[message.IndexOf("Precision is ", StringComparison.Ordinal)..]).Single());
    }

    [TestMethod]
    public void Fit_AutoWhereItIsCertain_NoTrial()
    {
        if (Precision.BFloat16.IsSupported(TorchSharp.torch.CPU, out _))
            Assert.Inconclusive("This processor computes in bf16.");
        var log = new List<string>();
        Assert.AreSequenceEqual(Weights(Precision.Float32, []), Weights(Precision.Auto, log));
        Assert.DoesNotContain(message => message.Contains("Precision is ", StringComparison.Ordinal), log);
    }

    private static float[] Weights(Precision precision, List<string> log)
    {
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => log.Add(e.Message);
        using var source = new CancellationTokenSource();
        var options = Points.Options(100_000);
        (options.Precision, options.CancellationToken) = (precision, source.Token);
        options.Progress = new Recorder(report =>
        {
            if (report.Step == 3)
                source.Cancel();
        });
        var data = Points.Load(ml);
        var noised = ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data);
        var trainer = ml.Diffusion().Trainers.Denoiser("Point", options: options);
        using var model = trainer.Fit(noised);
        return TrainedWeights.Of(model);
    }
}
