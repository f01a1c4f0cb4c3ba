using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Guidance that asks a model for rows as training never saw them warns, at Fit and where a loaded model is used.</summary>
[TestClass]
public sealed class DropoutWarningTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _warnings = [];

    public DropoutWarningTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning)
            _warnings.Add(e.Message);
    };

    private DiffusionTransformsCatalog Transforms => _ml.Diffusion().Transforms;

    [TestMethod]
    public void ClassifierFree_TrainedWithoutDropout_WarnsOnceAtFitAndOnceWhereLoaded()
    {
        using var fitted = Fit(new ConditionDropout(0), Transforms.ClassifierFreeGuidance(scale: 2));
        string warning = Assert.ContainsSingle(_warnings);
        Assert.Contains("asks the model for rows without any condition, which training never left out", warning);
        Assert.Contains("ConditionDropout = 0.1", warning);
        using var loaded = (IDisposable)EstimatorChecks.Reload(_ml, fitted, Point.Load(_ml, 1).Schema);
        _warnings.Clear();
        _ = ((ITransformer)loaded).Transform(Point.Load(_ml, 1));
        _ = ((ITransformer)loaded).Transform(Point.Load(_ml, 1));
        Assert.Contains("without any condition", Assert.ContainsSingle(_warnings));
    }

    [TestMethod]
    public void ClassifierFree_TrainedWithDropoutOrElsewhere_IsSilent()
    {
        foreach (var dropout in new[] { new ConditionDropout(0.1), new ConditionDropout(0, new Dictionary<string, double> { ["Label"] = 0.1 }), null })
            Fit(dropout, Transforms.ClassifierFreeGuidance(scale: 2)).Dispose();
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void OtherGuidances_ThatAskForRowsWithoutConditions_WarnToo()
    {
        var none = new ConditionDropout(0);
        var interval = Transforms.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions { Interval = new LevelInterval(0.1, 5) });
        var composed = Transforms.Guidance(new CompositionGuidance([new ConditionTerm("not", ["Label"], -1)]));
        var universal = Transforms.Guidance(new UniversalGuidance(KnownGuidanceObjectives.MatchUnderMask("X", "Mask")) { ForwardUnconditional = true });
        foreach (var guidance in new[] { interval, composed, universal })
        {
            Fit(none, guidance).Dispose();
            Assert.ContainsSingle(_warnings);
            _warnings.Clear();
        }
        Fit(none, Transforms.Guidance(new UniversalGuidance(KnownGuidanceObjectives.MatchUnderMask("X", "Mask")))).Dispose();
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void Covers_ConditionsLeftOutAlone_NeedsDropoutOfTheirOwn()
    {
        string[] all = ["Colour", "Shape"];
        var together = new ConditionDropout(0.1);
        Assert.IsTrue(together.Covers(all, all));
        Assert.IsFalse(together.Covers(["Shape"], all));
        var apart = together with { Each = new Dictionary<string, double> { ["Shape"] = 0.2 } };
        Assert.IsTrue(apart.Covers(["Shape"], all));
        Assert.IsFalse(apart.Covers(["Colour"], all));
        // One after the other, as stages of the guidance ask: none, then the first has joined.
        var lists = new ClassifierFreeGuidance(2) { Conditions = [new ConditionScale("Colour", 3), new ConditionScale("Shape", 2)] }.LeftOut(all).ToArray();
        Assert.HasCount(2, lists);
        Assert.AreSequenceEqual(all, lists[0]);
        Assert.AreSequenceEqual(new[] { "Shape" }, lists[1]);
    }

    private Data.TransformerChain<ITransformer> Fit(ConditionDropout? dropout, IEstimator<ITransformer> guidance) => _ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(Transforms.NoiseSchedule("X")).Append(new TestDenoiser(_ml, "X", "Label") { Dropout = dropout }).Append(guidance).Fit(Point.Load(_ml, 6));
}
