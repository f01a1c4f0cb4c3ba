using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Modules of libtorch are freed by their owners, not by a garbage collection.</summary>
[TestClass]
public sealed class TorchScriptLifetimeTests
{
    private static readonly DataShape Picture = new(1, 8, 8);

    [TestMethod]
    public void Answer_ANetworkWithParameters_KeepsTwoModulesUntilTheParametersGo()
    {
        var network = new TorchScriptNetwork(new TorchScriptArchive().Add("w", [0.5f], [1]).Write("x: Tensor, level: Tensor", "return torch.mul(x, self.w)"));
        var parameters = FlatParameters.Create(network.ListParameters(Picture, ConditionLayout.Empty), 1, CPU, Precision.Float32, trainable: true);
        using (var trained = new TrainedNetwork(network, Picture, ConditionLayout.Empty, parameters))
        {
            using var x = ones(2, 1, 8, 8);
            for (int i = 0; i < 3; i++)
            {
                trained.Answer(x, [0.1f, 0.2f], Conditioning.None).Dispose();
                using var noGrad = no_grad();
                trained.Answer(x, [0.1f, 0.2f], Conditioning.None).Dispose();
            }
            Assert.AreEqual(2, parameters.Copies.Count, "one that learns, one that samples");
        }
        Assert.AreEqual(0, parameters.Copies.Count);
    }

    [TestMethod]
    public void Dispose_OfAnObjective_FreesItsModuleUnlessSomeoneHoldsIt()
    {
        var objective = new TorchScriptObjective(ScriptZip.Pack(TorchScriptSamples.Network));
        var function = objective.Scripts.Single();
        objective.Check(Picture);
        Assert.AreEqual(1, function.Copies);
        objective.Dispose();
        Assert.AreEqual(0, function.Copies);

        function.Hold();
        objective.Check(Picture);
        objective.Dispose();
        Assert.AreEqual(1, function.Copies);
        function.LetGo();
        Assert.AreEqual(0, function.Copies);
        objective.Check(Picture);
        Assert.AreEqual(1, function.Copies, "it can be called again");
        objective.Dispose();
    }

    [TestMethod]
    public void Scripts_OfEveryGuidance_AreThoseOfItsParts()
    {
        byte[] file = new TorchScriptArchive().Add("w", [1], [1]).Write("x: Tensor", "return x");
        var classifier = new TorchScriptClassifier(file, 3);
        var encoder = new TorchScriptEncoder(file, 3);
        var objective = new TorchScriptObjective(file);
        IGuidance[] guidances =
        [
            new ClassifierGuidance(classifier, 1), new ClipGuidance(encoder), new UniversalGuidance(objective), new IntervalGuidance(new ClassifierGuidance(classifier, 1), new LevelInterval(0.1, 1)),
            new UniversalGuidance(KnownGuidanceObjectives.MatchFeatures(encoder, "Target")), new UniversalGuidance(KnownGuidanceObjectives.MatchClass(classifier, "Target")),
        ];
        foreach (var guidance in guidances)
            Assert.ContainsSingle(guidance.Scripts);
    }
}
