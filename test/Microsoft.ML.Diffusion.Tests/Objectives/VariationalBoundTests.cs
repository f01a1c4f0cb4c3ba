using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class VariationalBoundTests
{
    private static readonly DiscreteSchedule Schedule = new CosineSchedule(50);
    private static readonly NoiseLevels Levels = new([Schedule.LevelOf(1), Schedule.LevelOf(20), Schedule.LevelOf(49)]);

    [TestMethod]
    public void TermsOfRows_TrueMeanAndPosteriorVariance_IsZero()
    {
        using var scope = NewDisposeScope();
        var x0 = Data(3);
        double[] terms = [.. new VariationalBound(Schedule, ReverseVariance.Small).TermsOfRows(x0, null, x0, Levels).data<double>()];
        Assert.IsTrue(terms.All(term => Math.Abs(term) < 1e-15));
    }

    [TestMethod]
    public void TermsOfRows_VAtTheEnds_IsTheFixedVariance()
    {
        using var scope = NewDisposeScope();
        var (x0, estimate) = (Data(3), Data(4));
        foreach (var (v, variance) in new[] { (-1.0, ReverseVariance.Small), (1.0, ReverseVariance.Large) })
        {
            double[] expected = [.. new VariationalBound(Schedule, variance).TermsOfRows(estimate, null, x0, Levels).data<double>()];
            double[] learned = [.. new VariationalBound(Schedule).TermsOfRows(estimate, full_like(x0, v), x0, Levels).data<double>()];
            for (int row = 0; row < expected.Length; row++)
                Assert.AreEqual(expected[row], learned[row], 1e-12 * expected[row]);
        }
    }

    [TestMethod]
    public void TermsOfRows_Divergence_IsThatOfTwoNormalDistributions()
    {
        using var scope = NewDisposeScope();
        var (x0, estimate) = (Data(3), Data(4));
        double[] terms = [.. new VariationalBound(Schedule, ReverseVariance.Large).TermsOfRows(estimate, null, x0, Levels).data<double>()];
        double[] clean = [.. x0.data<double>()], guess = [.. estimate.data<double>()];
        for (int row = 0; row < 3; row++)
        {
            int step = new[] { 1, 20, 49 }[row];
            double beta = Schedule.Betas[step], before = Schedule.AlphaBars[step - 1], at = Schedule.AlphaBars[step];
            double small = beta * (1 - before) / (1 - at), coefficient = beta * Math.Sqrt(before) / (1 - at), sum = 0;
            for (int i = 0; i < 4; i++)
                sum += 0.5 * (Math.Log(beta / small) - 1 + (small + Math.Pow(coefficient * (clean[4 * row + i] - guess[4 * row + i]), 2)) / beta);
            Assert.AreEqual(sum / 4 / Math.Log(2), terms[row], 1e-9 * terms[row]);
        }
    }

    [TestMethod]
    public void TermsOfRows_FirstStep_ProbabilitiesOfAllValuesAddUpToOne()
    {
        using var scope = NewDisposeScope();
        const int Values = 256;
        var x0 = tensor([.. Enumerable.Range(0, Values).Select(value => 2.0 * value / (Values - 1) - 1)], Values, 1);
        var estimate = full_like(x0, 0.9);
        foreach (double v in new[] { -1.0, 0.3, 1 })
        {
            double[] bits = [.. new VariationalBound(Schedule, binWidth: 2.0 / (Values - 1)).TermsOfRows(estimate, full_like(x0, v), x0, Schedule.LevelOf(0)).data<double>()];
            // Values of the least probability, 1e-12, are at most 256.
            Assert.AreEqual(1, bits.Sum(value => Math.Pow(2, -value)), 1e-9);
        }
    }

    [TestMethod]
    public void TermsOfRows_FirstStepOfContinuousData_IsTheDensity()
    {
        using var scope = NewDisposeScope();
        var (x0, estimate) = (Data(3), Data(4));
        double[] bits = [.. new VariationalBound(Schedule, ReverseVariance.Small).TermsOfRows(estimate, null, x0, Schedule.LevelOf(0)).data<double>()];
        // β̃ of step 1 stands for that of step 0.
        double variance = Schedule.Betas[1] * (1 - Schedule.AlphaBars[0]) / (1 - Schedule.AlphaBars[1]);
        double[] squares = [.. x0.Minus(estimate).square().data<double>()];
        for (int row = 0; row < 3; row++)
            Assert.AreEqual((Math.Log(2 * Math.PI * variance) + squares.Skip(4 * row).Take(4).Average() / variance) / 2 / Math.Log(2), bits[row], 1e-9 * Math.Abs(bits[row]));
    }

    [TestMethod]
    public void PriorOfRows_IsTheDivergenceOfTheNoisiestStateFromThePrior()
    {
        using var scope = NewDisposeScope();
        var x0 = Data(3);
        var schedule = new LinearBetaSchedule(10);
        double mean = Math.Sqrt(schedule.AlphaBars[^1]), variance = 1 - schedule.AlphaBars[^1];
        double[] bits = [.. new VariationalBound(schedule).PriorOfRows(x0).data<double>()], clean = [.. x0.data<double>()];
        for (int row = 0; row < 3; row++)
            Assert.AreEqual(clean.Skip(4 * row).Take(4).Average(value => 0.5 * (mean * mean * value * value + variance - 1 - Math.Log(variance))) / Math.Log(2), bits[row], 1e-12);
    }

    [TestMethod]
    public void HybridLoss_Gradient_OfTheBoundReachesTheVarianceAlone()
    {
        using var scope = NewDisposeScope();
        var x0 = Data(3);
        double[] Gradient(Objective objective, bool withPlace)
        {
            using var weight = full(1, 8, 0.3, ScalarType.Float64).requires_grad_();
            using var answer = withPlace ? weight.expand(3, 8) : weight.narrow(1, 0, 4).expand(3, 4);
            objective.Loss(Batch(x0, answer)).backward();
            return [.. weight.grad!.data<double>()];
        }

        double[] simple = Gradient(KnownObjectives.Simple, withPlace: false), hybrid = Gradient(KnownObjectives.Hybrid, withPlace: true);
        double[] bound = Gradient(new VariationalObjective(sumOfSteps: true), withPlace: true);
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(simple[i], hybrid[i], 1e-14);
        for (int i = 4; i < 8; i++)
            Assert.AreEqual(0.001 * bound[i], hybrid[i], 1e-12);
        Assert.IsTrue(bound[..4].All(slope => slope != 0), "the bound alone teaches the mean too");
    }

    [TestMethod]
    public void Loss_AndTerms_LeaveNoTensors()
    {
        using var x0 = Data(3);
        using var answer = cat([x0, x0], 1);
        foreach (var objective in new[] { KnownObjectives.Hybrid, KnownObjectives.Variational })
            TestSupport.TensorLeak.AssertNone(() => objective.Loss(Batch(x0, answer)).Dispose());
    }

    [TestMethod]
    public void Check_ContinuousSchedule_IsRefused()
        => Assert.Contains("discrete schedule", Assert.ThrowsExactly<ArgumentException>(() => KnownObjectives.Hybrid.Check(KnownParameterizations.V, KnownSchedules.Edm)).Message);

    private static ObjectiveBatch Batch(Tensor x0, Tensor answer) => new()
    {
        X0 = x0,
        Latent = x0,
        Levels = Levels,
        Process = new GaussianProcess(Schedule),
        Parameterization = KnownParameterizations.V,
        Network = (_, _) => answer.alias(),
    };

    // Rows of four numbers in [−1, 1].
    private static Tensor Data(int seed)
    {
        var values = new double[12];
        RowNoise.FillUniform(values, (ulong)seed, new RowKey(0), 0);
        return tensor([.. values.Select(value => 2 * value - 1)], 3, 4);
    }
}
