using Microsoft.ML.Diffusion.TestSupport;
using TorchSharp;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>What differs on a GPU: run where there is one.</summary>
[TestClass]
[TestCategory("Gpu")]
public class GpuTests
{
    private readonly MLContext _ml = new(seed: 1) { GpuDeviceId = 0 };

    [TestInitialize]
    public void NeedsCuda()
    {
        if (!torch.cuda.is_available())
            Assert.Inconclusive("No CUDA device, or a libtorch without CUDA.");
    }

    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public void Fit_OnGpu_LearnsSamplesAndLeavesNoTensor(Precision precision)
    {
        Train(precision);
        long before = TensorLeak.Count();
        var (mean, covariance) = Points.Moments(Train(precision));
        Assert.AreEqual(before, torch.Tensor.TotalCount);
        // The tolerances of LearningTests, and half as much again for bf16.
        Assert.AreEqual(0, mean[0], 0.6);
        Assert.AreEqual(2, mean[1], 0.4);
        Assert.AreEqual(4.25, covariance[0], 0.7);
        Assert.AreEqual(1.25, covariance[2], 0.45);
    }

    [TestMethod]
    public void Model_TrainedOnGpu_SamplesAlikeOnTheCpu()
    {
        string file = Path.GetTempFileName();
        try
        {
            var d = _ml.Diffusion();
            using (var model = Pipeline(Precision.Float32).Fit(Points.Load(_ml)))
                d.SaveGenerator(model, file);
            var cpu = new MLContext(seed: 1);
            var onGpu = Points.Samples(_ml, _ml.Model.Load(file, out _).Transform(Points.Queries(_ml, 64)));
            var onCpu = Points.Samples(cpu, cpu.Model.Load(file, out _).Transform(Points.Queries(cpu, 64)));
            // The same noise and weights; twenty steps of single precision, TF32 off. A few rows near the boundary of the clouds may part.
            int apart = onGpu.Zip(onCpu).Count(pair => Math.Abs(pair.First[0] - pair.Second[0]) > 1e-2);
            Assert.IsLessThan(3, apart);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private float[][] Train(Precision precision)
    {
        using var model = Pipeline(precision).Fit(Points.Load(_ml));
        return [.. Points.Samples(_ml, model.Transform(Points.Queries(_ml, 1024)))];
    }

    private Data.EstimatorChain<Transforms.SamplerTransformer> Pipeline(Precision precision)
    {
        var d = _ml.Diffusion();
        var options = Points.Options(steps: 1000);
        options.Precision = precision;
        return d.Transforms.NoiseSchedule("Point")
            .Append(d.Trainers.Denoiser("Point", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { BatchSize = 512, Clip = 3 }));
    }
}
