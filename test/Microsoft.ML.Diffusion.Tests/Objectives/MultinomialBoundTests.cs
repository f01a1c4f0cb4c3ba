using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class MultinomialBoundTests
{
    private static readonly DiscreteSchedule Schedule = new CosineSchedule(8);
    private static readonly MultinomialBound Bound = new(Schedule, [3, 2]);

    [TestMethod]
    public void Marginal_AfterAllSteps_IsTheProductOfTheSteps()
    {
        using var scope = NewDisposeScope();
        var logX0 = Bound.Encode(Classes());
        // By hand: a class stays with 1 − β, or is drawn anew.
        double[] p = [1, 0, 0];
        for (int step = 0; step < 8; step++)
        {
            double beta = Schedule.Betas[step];
            p = [.. p.Select(value => (1 - beta) * value + beta / 3)];
            double[] got = [.. Bound.Marginal(logX0, [step, step]).data<double>()];
            for (int k = 0; k < 3; k++)
                Assert.AreEqual(p[k], Math.Exp(got[k]), 1e-12);
            Assert.AreEqual(1, got.Skip(3).Take(2).Sum(Math.Exp), 1e-12);
        }
    }

    [TestMethod]
    public void Posterior_IsBayesRule()
    {
        using var scope = NewDisposeScope();
        var (logX0, logXt) = (Bound.Encode(Classes()), Bound.Encode(tensor(new long[,] { { 2, 0 }, { 1, 1 } })));
        const int Step = 4;
        double[] got = [.. Bound.Posterior(logX0, logXt, [Step, Step]).data<double>()], before = [.. Bound.Marginal(logX0, [Step - 1, Step - 1]).data<double>()];
        double beta = Schedule.Betas[Step];
        // q(x_t = 2 | x_t−1 = k)·q(x_t−1 = k | x_0) of the first column of the first row.
        double[] joint = [.. Enumerable.Range(0, 3).Select(k => ((k == 2 ? 1 - beta : 0) + beta / 3) * Math.Exp(before[k]))];
        for (int k = 0; k < 3; k++)
            Assert.AreEqual(joint[k] / joint.Sum(), Math.Exp(got[k]), 1e-12);
    }

    [TestMethod]
    public void TermsOfRows_TrueAnswer_IsZeroAndAnyOtherAbove()
    {
        using var scope = NewDisposeScope();
        var (logX0, logXt) = (Bound.Encode(Classes()), Bound.Encode(tensor(new long[,] { { 2, 0 }, { 1, 1 } })));
        foreach (int step in new[] { 0, 5 })
        {
            Assert.IsTrue(Bound.TermsOfRows(logX0, logX0, logXt, [step, step]).data<double>().ToArray().All(term => Math.Abs(term) < 1e-12));
            Assert.IsTrue(Bound.TermsOfRows(zeros_like(logX0), logX0, logXt, [step, step]).data<double>().ToArray().All(term => term > 1e-3));
        }
        // Scores of the step before itself.
        var direct = new MultinomialBound(Schedule, [3, 2], predictsX0: false);
        Assert.IsTrue(direct.TermsOfRows(Bound.Posterior(logX0, logXt, [5, 5]), logX0, logXt, [5, 5]).data<double>().ToArray().All(term => Math.Abs(term) < 1e-12));
    }

    [TestMethod]
    public void Draw_ManyRows_HasTheProbabilities()
    {
        using var scope = NewDisposeScope();
        const int Rows = 20_000;
        var uniforms = new RowNoise(3, [.. Enumerable.Range(0, Rows).Select(row => new RowKey((ulong)row))]).Uniform(0, empty(Rows, 5, ScalarType.Float64));
        var log = tensor(new[] { 0.5, 0.3, 0.2, 0.9, 0.1 }).log().expand(Rows, 5);
        double[] shares = [.. Bound.Draw(log, uniforms).exp().mean([0L]).data<double>()];
        double[] expected = [0.5, 0.3, 0.2, 0.9, 0.1];
        for (int k = 0; k < 5; k++)
            Assert.AreEqual(expected[k], shares[k], 0.015, "four standard errors of a share of 20,000");
    }

    [TestMethod]
    public void LossOfRows_GradientFlowsAndNothingIsLeft()
    {
        using var classes = Classes();
        using var logX0 = Bound.Encode(classes);
        using var answer = zeros_like(logX0).requires_grad_();
        TensorLeak.AssertNone(() =>
        {
            using var rows = Bound.LossOfRows(answer, logX0, logX0, [0, 3]);
            using var loss = rows.mean();
            loss.backward();
        });
        using var slopes = answer.grad!.abs();
        using var least = slopes.min();
        Assert.IsGreaterThan(0, least.item<double>());
    }

    [TestMethod]
    public void WrongUse_IsRefused()
    {
        using var classes = zeros(2, 3, ScalarType.Int64);
        Assert.Contains("[B, 2]", Assert.ThrowsExactly<ArgumentException>(() => Bound.Encode(classes)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => new MultinomialBound(Schedule, []));
        Assert.ThrowsExactly<ArgumentException>(() => new MultinomialBound(Schedule, [2, 0]));
        using var rows = zeros(2, 5, ScalarType.Float64);
        Assert.Contains("1 step.", Assert.ThrowsExactly<ArgumentException>(() => Bound.Marginal(rows, [1])).Message);
    }

    private static Tensor Classes() => tensor(new long[,] { { 0, 1 }, { 2, 0 } });
}
