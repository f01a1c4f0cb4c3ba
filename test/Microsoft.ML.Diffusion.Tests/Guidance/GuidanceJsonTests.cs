using System.Text.Json;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Guidances go into model files as JSON, and answer alike when they come back.</summary>
[TestClass]
public sealed class GuidanceJsonTests
{
    public static IEnumerable<object[]> Guidances =>
    [
        [new ClassifierFreeGuidance(3.5)],
        [new ClassifierFreeGuidance(2) { Conditions = [new ConditionScale("Class", 3)], Negatives = ["Vector"], Rescale = 0.7, Threshold = 0.99 }],
        [new CompositionGuidance([new ConditionTerm("a", ["Class", "Vector"], -1), new ConditionTerm("b", ["Class"])], 0.5)],
        [new IntervalGuidance(new ClassifierFreeGuidance(2), new LevelInterval(0.2, double.PositiveInfinity))],
        [new ClassifierGuidance(TorchScriptClassifierTests.Linear(new ScheduleTimeInput(KnownSchedules.Cosine, 999)), 3, 2) { Shift = KnownGuidanceShifts.Mean }],
        [new ClipGuidance(new TorchScriptEncoder(TorchScriptClassifierTests.File("x: Tensor", "return torch.mm(x, torch.t(self.weight))"), 3), 4) { Similarity = new ScaledCosineSimilarity(1.5), OfEstimate = true }],
        [new ClipGuidance(new TorchScriptEncoder(TorchScriptClassifierTests.File("x: Tensor", "return torch.mm(x, torch.t(self.weight))"), 3)) { Similarity = KnownSimilarities.Spherical }],
    ];

    [TestMethod]
    [DynamicData(nameof(Guidances))]
    public void RoundTrip_AnyGuidance_IsTheSameText(IGuidance guidance)
    {
        using var consent = TorchScriptConsent.AllowInModels();
        string json = ModelJson.Write(guidance);
        Assert.AreEqual(json, ModelJson.Write(ModelJson.Read<IGuidance>(json)));
    }

    [TestMethod]
    public void RoundTrip_Autoguidance_KeepsTheWeakerModelsWeights()
    {
        var shape = new DataShape(5);
        using var weak = TestNetworks.Denoiser(new ResidualMlp { Width = 8 }, shape);
        var shelf = NetworkShelf.ForWriting();
        string json = JsonSerializer.Serialize<IGuidance>(new Autoguidance(weak, 2.5), shelf.Options);
        using var weights = new MemoryStream();
        shelf.Networks.Single().Parameters.SaveSafetensors(weights);
        var reading = NetworkShelf.ForReading((_, inventory) =>
        {
            weights.Position = 0;
            return SafetensorsParameters.Load(weights, inventory, CPU, Precision.Float32);
        });
        var copy = (Autoguidance)JsonSerializer.Deserialize<IGuidance>(json, reading.Options)!;
        using var network = copy.Networks.Single();
        Assert.AreEqual(2.5, copy.Scale);
        using var x = TestNetworks.Rows(shape, 3);
        using var expected = weak.Denoise(x, new StepContext(new NoiseLevel(1, 1)), TestNetworks.Conditions(3)).X0;
        using var actual = copy.Weaker.Denoise(x, new StepContext(new NoiseLevel(1, 1)), TestNetworks.Conditions(3)).X0;
        Assert.AreSequenceEqual(TestNetworks.Values(expected), TestNetworks.Values(actual));
    }

    [TestMethod]
    public void Write_WhatNoFileCouldHold_IsRefusedByName()
    {
        Assert.Contains("ComponentMixture", Assert.ThrowsExactly<NotSupportedException>(() => ModelJson.Write<IGuidance>(new Autoguidance(ComponentMixture.Plane))).Message);
        Assert.Contains("LinearClassifier", Assert.ThrowsExactly<NotSupportedException>(() => ModelJson.Write<IGuidance>(new ClassifierGuidance(new LinearClassifier([1, 0], [0, 0])))).Message);
    }
}
