using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class EstimatorTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Denoiser_KeepsTheRulesOfEstimators()
    {
        var (data, invalid) = Data();
        var trainer = _ml.Diffusion().Trainers.Denoiser("Point", conditionColumn: "Cloud", Points.Options(2));
        // Without the data column the fitted transformer still generates, but not without the condition.
        EstimatorChecks.Run(_ml, trainer, data, invalid);
    }

    [TestMethod]
    public void Denoiser_WithoutConditions_KeepsTheRulesOfEstimators()
    {
        var (data, invalid) = Data();
        EstimatorChecks.Run(_ml, _ml.Diffusion().Trainers.Denoiser("Point", options: Points.Options(2)), data, invalid, canTransformInvalid: true);
    }

    [TestMethod]
    public void Chain_KeepsTheRulesOfEstimators()
    {
        var d = _ml.Diffusion();
        var chain = _ml.Transforms.Conversion.MapValueToKey("Cloud")
            .Append(d.Transforms.NoiseSchedule("Point"))
            .Append(d.Trainers.Denoiser("Point", conditionColumn: "Cloud", Points.Options(2)))
            .Append(d.Transforms.ClassifierFreeGuidance())
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 2 }));
        EstimatorChecks.Run(_ml, chain, Points.Load(_ml, 20), _ml.Data.LoadFromEnumerable(new[] { new { Other = 1f } }));
    }

    private (IDataView Data, IDataView Invalid) Data()
    {
        var data = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(Points.Load(_ml, 20)).Transform(Points.Load(_ml, 20));
        return (_ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data), _ml.Data.LoadFromEnumerable(new[] { new { Other = 1f } }));
    }
}
