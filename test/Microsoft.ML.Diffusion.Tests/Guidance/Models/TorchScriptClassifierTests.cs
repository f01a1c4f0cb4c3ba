using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class TorchScriptClassifierTests
{
    private static readonly float[] Weights = [0.9f, -0.3f, -0.5f, 1.1f, 0.2f, 0.4f];

    [TestMethod]
    public void LogProbabilities_LinearModule_AreThoseOfTheFormula()
    {
        using var scope = NewDisposeScope();
        var classifier = Linear(new ScheduleTimeInput(KnownSchedules.Cosine));
        var levels = new NoiseLevels([new NoiseLevel(1, 2), new(0.6, 0.8)]);
        var x = GuidanceLab.Rows(2);
        var logs = classifier.LogProbabilities(x, levels);
        var scaled = levels.Multiply(x, level => 1 / Math.Sqrt(level.Alpha * level.Alpha + level.Sigma * level.Sigma));
        double[] times = [.. Enumerable.Range(0, 2).Select(row => classifier.LevelInput.Of(levels[row]))];
        var expected = (scaled.mm(tensor(Weights, 3, 2).to(float64).t()) + tensor(times).unsqueeze(1) * tensor(new double[] { 1, 0, 0 })).log_softmax(1);
        // The module computes in Float32: logits of order 5, and logarithms.
        Assert.IsLessThan(Float32Tolerance.OfSums(8, magnitude: 5), Moments.Distance(expected, logs));
    }

    [TestMethod]
    public void Denoise_GuidedByAModule_IsAsByTheSameClassifier()
    {
        using var scope = NewDisposeScope();
        var file = new TorchScriptClassifier(File("x: Tensor, level: Tensor", "return torch.mm(x, torch.t(self.weight))"), 3);
        var same = new LinearClassifier([.. Weights.Select(weight => (double)weight)], [0, 0, 0]);
        var x = GuidanceLab.Rows(4);
        // At (0.6, 0.8) the state is of variance-preserving form.
        var step = new StepContext(new NoiseLevel(0.6, 0.8));
        var inner = ComponentMixture.Plane.Whole;
        for (int call = 0; call < 4; call++)
        {
            var (guided, expected) = (new ClassifierGuidance(file, 3, 2).Guide(inner).Denoise(x, step, Conditioning.None).X0, new ClassifierGuidance(same, 3, 2).Guide(inner).Denoise(x, step, Conditioning.None).X0);
            // The same module, called again: its gradient times 3.
            Assert.IsLessThan(Float32Tolerance.OfSums(16, magnitude: 5), Moments.Distance(expected, guided));
        }
    }

    [TestMethod]
    public void Denoise_GuidedByAModule_LeavesNoTensor()
    {
        using var x = GuidanceLab.Rows(3);
        var guided = new ClassifierGuidance(Linear(), 1, label: 2).Guide(ComponentMixture.Plane.Whole);
        for (int call = 0; call < 3; call++)
            guided.Denoise(x, new StepContext(new NoiseLevel(1, 1)), Conditioning.None).X0.Dispose();
        TensorLeak.AssertNone(() => guided.Denoise(x, new StepContext(new NoiseLevel(1, 1)), Conditioning.None).X0.Dispose());
    }

    [TestMethod]
    public void LogProbabilities_ModuleThatDoesNotFit_IsRefusedByName()
    {
        using var x = GuidanceLab.Rows(2);
        Assert.Contains("can not be called as forward", Assert.ThrowsExactly<ArgumentException>(() => new TorchScriptClassifier(File("x: Tensor", "return x"), 3).LogProbabilities(x, NoiseLevel.Clean)).Message);
        Assert.Contains("[2, 4]", Assert.ThrowsExactly<ArgumentException>(() => new TorchScriptClassifier(File("x: Tensor, level: Tensor", "return torch.mm(x, torch.t(self.weight))"), 4).LogProbabilities(x, NoiseLevel.Clean)).Message);
        Assert.Contains("no TorchScript file", Assert.ThrowsExactly<ArgumentException>(() => new TorchScriptClassifier(new byte[10], 3)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TorchScriptClassifier(File("x: Tensor", "return x"), 1));
    }

    [TestMethod]
    public void Denoise_ModuleThatDetaches_IsRefusedByName()
    {
        using var x = GuidanceLab.Rows(2);
        var classifier = new TorchScriptClassifier(File("x: Tensor, level: Tensor", "return torch.detach(torch.mm(x, torch.t(self.weight)))"), 3);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => new ClassifierGuidance(classifier, label: 1).Guide(ComponentMixture.Plane.Whole).Denoise(x, new StepContext(new NoiseLevel(1, 1)), Conditioning.None));
        Assert.Contains("The classifier's log-probability has no gradient", e.Message);
    }

    internal static TorchScriptClassifier Linear(LevelInput? level = null)
        => new(File("x: Tensor, level: Tensor", "return torch.add(torch.mm(x, torch.t(self.weight)), torch.mul(torch.unsqueeze(level, 1), self.first))"), 3, level);

    internal static byte[] File(string arguments, params string[] lines)
        => new TorchScriptArchive().Add("weight", Weights, [3, 2]).Add("first", [1, 0, 0], [3]).Write(arguments, lines);
}
