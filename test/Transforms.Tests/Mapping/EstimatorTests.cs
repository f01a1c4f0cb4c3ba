using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Every estimator passes ML.NET's own checks on data of every form.</summary>
[TestClass]
public sealed class EstimatorTests
{
    public static IEnumerable<string> Forms => ["lazy", "cached", "shuffled", "filtered"];

    public static IEnumerable<object[]> AllForms => Forms.Select(form => new object[] { form });

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void NoiseSchedule_AnyForm_PassesChecks(string form)
    {
        var ml = new MLContext(1);
        EstimatorChecks.Run(ml, ml.Diffusion().Transforms.NoiseSchedule("X"), Data(ml, form), Invalid(ml), canTransformInvalid: true);
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void Denoiser_AnyForm_PassesChecks(string form)
    {
        var ml = new MLContext(1);
        var prepared = Prepare(ml, Data(ml, form), ml.Diffusion().Transforms.NoiseSchedule("X"));
        EstimatorChecks.Run(ml, new TestDenoiser(ml, "X", "Label"), prepared, Invalid(ml));
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void Guidance_AnyForm_PassesChecks(string form)
    {
        var ml = new MLContext(1);
        var guidance = ml.Diffusion().Transforms.ClassifierFreeGuidance(2, "Strength");
        var denoiser = TestPipelines.Denoiser(ml);
        EstimatorChecks.Run(ml, guidance, denoiser.Fit(Data(ml, form)).Transform(Data(ml, form)), Invalid(ml));
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void Sampler_AnyForm_PassesChecks(string form)
    {
        var ml = new MLContext(1);
        var sampler = ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 2, BatchSize = 4 });
        var denoiser = TestPipelines.Denoiser(ml);
        EstimatorChecks.Run(ml, sampler, denoiser.Fit(Data(ml, form)).Transform(Data(ml, form)), Invalid(ml));
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void LogLikelihood_AnyForm_PassesChecks(string form)
    {
        var ml = new MLContext(1);
        var stepping = new AdaptiveStepping { RelativeTolerance = 0.1, AbsoluteTolerance = 0.1 };
        var likelihood = ml.Diffusion().Transforms.LogLikelihood("Score", "X", new() { BatchSize = 4, Likelihood = new() { Stepping = stepping, ExactDimensions = 0 } });
        var denoiser = TestPipelines.Denoiser(ml);
        EstimatorChecks.Run(ml, likelihood, denoiser.Fit(Data(ml, form)).Transform(Data(ml, form)), Invalid(ml));
    }

    [TestMethod]
    [DynamicData(nameof(AllForms))]
    public void Chain_AnyForm_PassesChecks(string form)
    {
        var ml = new MLContext(1);
        EstimatorChecks.Run(ml, TestPipelines.Conditional(ml), Data(ml, form));
    }

    [TestMethod]
    public void Chain_WithCacheCheckpoint_PassesChecks()
    {
        var ml = new MLContext(1);
        var chain = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Diffusion().Transforms.NoiseSchedule("X"))
            .AppendCacheCheckpoint(ml)
            .Append(new TestDenoiser(ml, "X", "Label"))
            .AppendCacheCheckpoint(ml)
            .Append(ml.Diffusion().Transforms.ClassifierFreeGuidance())
            .Append(ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 2 }))
            .Append(ml.Transforms.CopyColumns("Copy", "Sample"));
        EstimatorChecks.Run(ml, chain, Data(ml, "lazy"));
    }

    private static IDataView Prepare(MLContext ml, IDataView data, IEstimator<ITransformer> next)
    {
        var chain = ml.Transforms.Conversion.MapValueToKey("Label").Append(next);
        return chain.Fit(data).Transform(data);
    }

    private static IDataView Data(MLContext ml, string form) => InForm(ml, Point.Load(ml, 10), form);

    internal static IDataView InForm(MLContext ml, IDataView data, string form)
    {
        return form switch
        {
            "cached" => ml.Data.Cache(data),
            "shuffled" => ml.Data.ShuffleRows(data, seed: 3),
            "filtered" => ml.Data.FilterRowsByColumn(data, "Strength", lowerBound: 1),
            _ => data,
        };
    }

    // No data column, no denoiser.
    private static IDataView Invalid(MLContext ml) => ml.Data.LoadFromEnumerable(new[] { new OtherRow { Y = 1 } });

    private sealed class OtherRow
    {
        public float Y { get; set; }
    }
}
