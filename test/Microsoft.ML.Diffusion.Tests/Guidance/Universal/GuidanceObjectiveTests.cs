using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class GuidanceObjectiveTests
{
    private static readonly DataShape Picture = new(2, 4, 4);

    private static byte[] Script => new TorchScriptArchive().Add("w", [0.5f], [1])
        .Write("x0: Tensor, wanted: Tensor", "d = torch.sub(torch.flatten(x0, 1), wanted)", "return torch.mul(torch.neg(torch.sum(torch.mul(d, d), [1])), self.w)");

    public static IEnumerable<object[]> Objectives =>
    [
        [KnownGuidanceObjectives.MatchUnderMask("Photo", "Mask", 0.5)],
        [KnownGuidanceObjectives.MatchLowResolution("Small", 2, 0.5)],
        [KnownGuidanceObjectives.MatchMeanColor("Color", 0.5)],
        [KnownGuidanceObjectives.MatchFeatures(new Halves(), "Photo", 0.5)],
        [KnownGuidanceObjectives.MatchClass(new Halves(), "Label")],
        [new TorchScriptObjective(Script, [GuidanceInput.Data("Photo", Picture)])],
    ];

    [TestMethod]
    [DynamicData(nameof(Objectives))]
    public void LogLikelihood_AnyObjective_GradientIsThatOfFiniteDifferences(GuidanceObjective objective)
    {
        using var scope = NewDisposeScope();
        var x0 = Pictures(3);
        var condition = Targets(objective, 3);
        var leaf = x0.detach().requires_grad_();
        var gradient = autograd.grad([objective.LogLikelihood(leaf, condition, 0).sum()], [leaf])[0].data<double>().ToArray();
        double[] values = x0.data<double>().ToArray();
        // TorchScript and encoders compute in Float32: there h is larger, and the error 1e-7/h.
        bool isSingle = objective is TorchScriptObjective;
        double h = isSingle ? 1e-2 : 1e-5;
        for (int i = 0; i < values.Length; i += 5)
        {
            double[] up = [.. values], down = [.. values];
            (up[i], down[i]) = (up[i] + h, down[i] - h);
            double slope = (Value(up, i / Picture.Size) - Value(down, i / Picture.Size)) / (2 * h);
            Assert.AreEqual(slope, gradient[i], isSingle ? 1e-3 : 1e-7, $"{i}");
        }

        double Value(double[] at, int row) => objective.LogLikelihood(tensor(at, Picture.Batch(3)), condition, 0).data<double>().ToArray()[row];
    }

    [TestMethod]
    [DynamicData(nameof(Objectives))]
    public void LogLikelihood_RowWithoutTarget_IsZeroAndTheOthersKeepTheirs(GuidanceObjective objective)
    {
        using var scope = NewDisposeScope();
        var x0 = Pictures(3).requires_grad_();
        var all = Targets(objective, 3);
        var some = all.Packed.clone();
        some.narrow(0, 1, 1).narrow(1, 0, 1).copy_(full(1, 1, float.NaN));
        var value = objective.LogLikelihood(x0, new Conditioning(all.Layout, some), 0);
        double[] expected = objective.LogLikelihood(x0, all, 0).data<double>().ToArray(), actual = value.data<double>().ToArray();
        Assert.AreEqual((expected[0], 0.0, expected[2]), (actual[0], actual[1], actual[2]));
        Assert.AreNotEqual(0, expected[0]);
        var gradient = autograd.grad([value.sum()], [x0])[0].data<double>().ToArray();
        Assert.AreEqual(0, gradient[Picture.Size..(2 * Picture.Size)].Max(Math.Abs));
        // No column for any row: nothing is wanted of any of them.
        var none = objective.LogLikelihood(x0, Conditioning.None, 0);
        Assert.IsTrue(none.requires_grad);
        Assert.AreEqual(0, none.data<double>().ToArray().Max(Math.Abs));
    }

    [TestMethod]
    [DynamicData(nameof(Objectives))]
    public void LogLikelihood_AnyObjective_LeavesNothingBehindAndSurvivesJson(GuidanceObjective objective)
    {
        using var x0 = Pictures(3);
        using var packed = Targets(objective, 3).Packed;
        var condition = new Conditioning(new ConditionLayout([.. objective.TargetsFor(Picture)]), packed);
        double[] expected = Values(objective);
        TensorLeak.AssertNone(() => objective.LogLikelihood(x0, condition, 0).Dispose());
        if (objective is FeatureObjective or ClassObjective)
            return;
        using var consent = TorchScriptConsent.AllowInModels();
        var read = ModelJson.Read<GuidanceObjective>(ModelJson.Write(objective));
        read.Check(Picture);
        Assert.AreSequenceEqual(objective.TargetsFor(Picture), read.TargetsFor(Picture));
        Assert.AreSequenceEqual(expected, Values(read));

        double[] Values(GuidanceObjective of)
        {
            using var value = of.LogLikelihood(x0, condition, 0);
            return value.data<double>().ToArray();
        }
    }

    [TestMethod]
    public void LogLikelihood_PictureObjectives_AreTheirFormulas()
    {
        using var scope = NewDisposeScope();
        double[] x0 = Pictures(1).data<double>().ToArray();
        var under = KnownGuidanceObjectives.MatchUnderMask("Photo", "Mask", 0.5);
        double[] given = Numbers(under), photo = given[..32], mask = given[32..];
        Assert.AreEqual(-x0.Select((value, i) => mask[i] * Math.Pow(value - photo[i], 2) / 0.5).Sum(), Value(under), 1e-12);
        var small = KnownGuidanceObjectives.MatchLowResolution("Small", 2, 0.5);
        double sum = 0;
        for (int c = 0; c < 2; c++)
            for (int i = 0; i < 4; i++)
            {
                int corner = 16 * c + 8 * (i / 2) + 2 * (i % 2);
                sum += Math.Pow((x0[corner] + x0[corner + 1] + x0[corner + 4] + x0[corner + 5]) / 4 - Numbers(small)[4 * c + i], 2) / 0.5;
            }
        Assert.AreEqual(-sum, Value(small), 1e-12);
        var color = KnownGuidanceObjectives.MatchMeanColor("Color", 0.5);
        Assert.AreEqual(-Enumerable.Range(0, 2).Sum(c => Math.Pow(x0[(16 * c)..(16 * c + 16)].Average() - Numbers(color)[c], 2) / 0.5), Value(color), 1e-12);
        Assert.AreEqual(Math.Log(Halves.Probability(x0, 1)), Value(KnownGuidanceObjectives.MatchClass(new Halves(), "Label")), 1e-12);

        double[] Numbers(GuidanceObjective objective) => Targets(objective, 1).Packed.to(float64).data<double>().ToArray();
        double Value(GuidanceObjective objective) => objective.LogLikelihood(Pictures(1), Targets(objective, 1), 0).data<double>()[0];
    }

    [TestMethod]
    public void MatchFeatures_SamePicture_IsTheLargestValue()
    {
        using var scope = NewDisposeScope();
        var objective = KnownGuidanceObjectives.MatchFeatures(new Halves(), "Photo", 0.5);
        var condition = Targets(objective, 2);
        var same = condition.Packed.to(float64).view(Picture.Batch(2));
        double[] best = objective.LogLikelihood(same, condition, 0).data<double>().ToArray(), others = objective.LogLikelihood(Pictures(2), condition, 0).data<double>().ToArray();
        for (int row = 0; row < 2; row++)
        {
            Assert.AreEqual(2, best[row], 1e-12);
            Assert.IsLessThan(best[row], others[row]);
        }
    }

    [TestMethod]
    public void From_DelegateWithTargets_GetsThoseOfEachRow()
    {
        using var scope = NewDisposeScope();
        var objective = GuidanceObjective.From((x0, targets) =>
        {
            using var flat = x0.flatten(1);
            using var part = flat.narrow(1, 0, 3);
            using var product = part.mul(targets[0]);
            return product.sum(1);
        }, new GuidanceInput("Direction", 3));
        double[] x0 = Pictures(2).data<double>().ToArray();
        double[] value = objective.LogLikelihood(Pictures(2), new Conditioning(new ConditionLayout([new GuidanceInput("Other", 1), new GuidanceInput("Direction", 3)]), tensor([9f, 1, 2, 4, 9, 0, 1, 0], 2, 4)), 1).data<double>().ToArray();
        Assert.AreEqual(x0[0] + 2 * x0[1] + 4 * x0[2], value[0], 1e-12);
        Assert.AreEqual(x0[33], value[1], 1e-12);
    }

    [TestMethod]
    public void Check_ModelThatDoesNotFit_SaysWhy()
    {
        Assert.Contains("multiples of 3", Assert.ThrowsExactly<ArgumentException>(() => KnownGuidanceObjectives.MatchLowResolution("Small", 3).Check(Picture)).Message);
        Assert.Contains("[5]", Assert.ThrowsExactly<ArgumentException>(() => KnownGuidanceObjectives.MatchMeanColor("Color").Check(new DataShape(5))).Message);
        Assert.Contains("'Photo'", Assert.ThrowsExactly<ArgumentException>(() => KnownGuidanceObjectives.MatchUnderMask("Photo", "Photo").Check(Picture)).Message);
        Assert.Contains("'Weight'", Assert.ThrowsExactly<ArgumentException>(
            () => new UniversalGuidance(KnownGuidanceObjectives.MatchMeanColor("Weight")).InputsFor(Picture, ConditionLayout.Empty)).Message);
        Assert.AreEqual(0.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownGuidanceObjectives.MatchMeanColor("Color", 0)).ActualValue);
    }

    [TestMethod]
    public void Check_BadTorchScript_FoundBeforeAnythingIsSampled()
    {
        Refuses("[2]", "return torch.sum(x0)");
        Refuses("no gradient", "return torch.sum(torch.detach(torch.flatten(x0, 1)), [1])");
        Refuses("can not be called as forward(Float32 [2, 2, 4, 4])", "return torch.mm(x0, x0)");
        Assert.Contains("no TorchScript file", Assert.ThrowsExactly<ArgumentException>(() => new TorchScriptObjective(new byte[] { 1, 2, 3 })).Message);

        static void Refuses(string said, string line) => Assert.Contains(said, Assert.ThrowsExactly<ArgumentException>(
            () => new TorchScriptObjective(new TorchScriptArchive().Add("w", [1], [1]).Write("x0: Tensor", line)).Check(Picture)).Message);
    }

    [TestMethod]
    public void TorchScriptEncoder_Features_HaveLengthOne()
    {
        using var scope = NewDisposeScope();
        var encoder = new TorchScriptEncoder(new TorchScriptArchive().Add("w", [1], [1]).Write("x: Tensor", "return torch.narrow(torch.flatten(x, 1), 1, 0, 3)"), 3);
        double[] values = Pictures(2).data<double>().ToArray(), features = encoder.Embed(Pictures(2), NoiseLevel.Clean).data<double>().ToArray();
        double length = Math.Sqrt(values[..3].Sum(value => value * value));
        // Float32 inside of the module.
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(values[i] / length, features[i], Float32Tolerance.OfSums(16));
        using var consent = TorchScriptConsent.AllowInModels();
        var read = (TorchScriptEncoder)ModelJson.Read<IEncoder>(ModelJson.Write<IEncoder>(encoder));
        Assert.AreEqual(3, read.Size);
        Assert.Contains("[2, 4]", Assert.ThrowsExactly<ArgumentException>(() => new TorchScriptEncoder(encoder.Module, 4).Embed(Pictures(2), NoiseLevel.Clean)).Message);
    }

    private static Tensor Pictures(int rows) => tensor(Numbers(rows * Picture.Size, 1), Picture.Batch(rows));

    private static double[] Numbers(int count, int key)
    {
        var values = new float[count];
        RowNoise.FillNormal(values, 3, new RowKey((ulong)key), 0);
        return [.. values.Select(value => (double)value)];
    }

    // Numbers for each target: classes are 1, masks lie in [0, 1].
    private static Conditioning Targets(GuidanceObjective objective, int rows)
    {
        var inputs = objective.TargetsFor(Picture);
        using var scope = NewDisposeScope();
        var parts = inputs.Select((input, i) => input.Content switch
        {
            GuidanceContent.Condition => ones(rows, 1),
            GuidanceContent.Mask => tensor([.. Numbers(rows * input.Size, 7 + i).Select(value => (float)Math.Min(1, Math.Abs(value)))], rows, input.Size),
            _ => tensor([.. Numbers(rows * input.Size, 7 + i).Select(value => (float)value)], rows, input.Size),
        });
        return new Conditioning(new ConditionLayout([.. inputs]), cat([.. parts], 1).MoveToOuterDisposeScope());
    }

    /// <summary>Looks at the sums of both channels: classes 1 and 2, or a direction.</summary>
    private sealed class Halves : IClassifier, IEncoder
    {
        public int Classes => 2;

        public int Size => 2;

        public static double Probability(double[] x0, int number)
        {
            double first = Math.Exp(x0[..16].Average()), second = Math.Exp(x0[16..32].Average());
            return (number == 1 ? first : second) / (first + second);
        }

        public Tensor LogProbabilities(Tensor x, NoiseLevels levels)
        {
            using var means = Means(x);
            return nn.functional.log_softmax(means, 1);
        }

        public Tensor Embed(Tensor x, NoiseLevels levels)
        {
            using var means = Means(x);
            return nn.functional.normalize(means);
        }

        private static Tensor Means(Tensor x)
        {
            using var flat = x.flatten(2);
            return flat.mean([2L]);
        }
    }
}
