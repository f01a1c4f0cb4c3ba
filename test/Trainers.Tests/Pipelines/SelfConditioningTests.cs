using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class SelfConditioningTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_SelfConditioning_SamplesHaveTheMomentsAndDoNotDependOnOtherRows()
    {
        var data = Points.Load(_ml);
        using var model = Fit(Options(1000));
        float[][] all = Samples(model, 1024), some = Samples(model, 5);
        Points.AssertMoments(all, "self-conditioning");
        for (int i = 0; i < some.Length; i++)
            Assert.AreSequenceEqual(all[i], some[i]);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        Assert.AreSequenceEqual(all[7], Samples(new MLContext(seed: 3).Model.Load(stream, out _), 8)[7]);
    }

    [TestMethod]
    public void Fit_SelfConditioning_LearnsFromTheEstimate()
    {
        // With a network that sees it, half of the batches begin otherwise; without it none does.
        using var model = Fit(Options(60));
        var denoiser = model.OfType<DenoiserTransformer>().Single().Model.Denoiser;
        using var x = TorchSharp.torch.ones(4, 2);
        using var estimate = TorchSharp.torch.ones(4, 2);
        var step = new StepContext(NoiseLevel.FromRatio(1));
        using var without = denoiser.Denoise(x, step, Conditioning.None).X0;
        using var with = denoiser.Denoise(x, step with { Previous = estimate }, Conditioning.None).X0;
        Assert.AreNotSequenceEqual(without.data<float>().ToArray(), with.data<float>().ToArray());
        var options = Options(1);
        options.Objective = KnownObjectives.ConsistencyTraining;
        Assert.Contains("one step", Assert.ThrowsExactly<ArgumentException>(() => Fit(options)).Message);
    }

    private static DenoiserTrainer.Options Options(int steps)
    {
        var options = Points.Options(steps);
        options.Network = new ResidualMlp { Width = 64, Blocks = 2, WithSelfConditioning = true };
        return options;
    }

    private TransformerChain<SamplerTransformer> Fit(DenoiserTrainer.Options options)
    {
        var d = _ml.Diffusion();
        return d.Transforms.NoiseSchedule("Point")
            .Append(d.Trainers.Denoiser("Point", options: options))
            .Append(d.Transforms.Sampler("Sample", new() { BatchSize = 512, Steps = 30, Clip = 3 }))
            .Fit(Points.Load(_ml));
    }

    private float[][] Samples(ITransformer model, int count) => Points.Samples(_ml, model.Transform(Points.Queries(_ml, count)));
}
