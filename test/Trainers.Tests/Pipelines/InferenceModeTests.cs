using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>A program that computes in libtorch's inference mode, where nothing can be learned, trains and guides as any other.</summary>
[TestClass]
public sealed class InferenceModeTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Fit_InInferenceMode_LearnsTheSame(int parts)
    {
        float[] Weights()
        {
            var options = Points.Options(5);
            options.BatchParts = parts;
            using var model = Chain(options).Fit(Mapped());
            return [.. Points.Samples(_ml, model.Transform(Mapped())).SelectMany(row => row)];
        }
        var expected = Weights();
        using (inference_mode())
        {
            Assert.AreSequenceEqual(expected, Weights());
            Assert.IsTrue(is_inference_mode_enabled(), "the caller's mode");
        }
        Assert.IsFalse(is_inference_mode_enabled());
    }

    [TestMethod]
    public void Transform_GuidedByGradientsInInferenceMode_SamplesTheSame()
    {
        var d = _ml.Diffusion();
        using var stream = new MemoryStream();
        using (var classifier = d.Transforms.NoiseSchedule("Point").Append(d.Trainers.NoisyClassifier("Point", "Cloud", new() { Network = new ResidualMlp { Width = 16, Blocks = 1, Answers = 2 }, Steps = 3, Precision = Precision.Float32 })).Fit(Mapped()))
        using (var model = d.Transforms.NoiseSchedule("Point").Append(d.Trainers.Denoiser("Point", options: Points.Options(3))).Append(d.Transforms.ClassifierGuidance(classifier.LastTransformer, "Cloud")).Append(d.Transforms.Sampler("Sample", new() { Steps = 3 })).Fit(Mapped()))
            _ml.Model.Save(model, Mapped().Schema, stream);
        var expected = Sample();
        using (inference_mode())
            Assert.AreSequenceEqual(expected, Sample());

        float[] Sample()
        {
            stream.Position = 0;
            var model = _ml.Model.Load(stream, out _);
            try
            {
                return [.. Points.Samples(_ml, model.Transform(Mapped())).SelectMany(row => row)];
            }
            finally
            {
                (model as IDisposable)?.Dispose();
            }
        }
    }

    private EstimatorChain<SamplerTransformer> Chain(DenoiserTrainer.Options options)
        => _ml.Diffusion().Transforms.NoiseSchedule("Point").Append(_ml.Diffusion().Trainers.Denoiser("Point", "Cloud", options)).Append(_ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 3 }));

    private IDataView Mapped() => _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(Points.Load(_ml, 2)).Transform(Points.Load(_ml, 20));
}
