using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class UniversalGuidanceTests
{
    private static readonly double[] Wanted = [0.8, -0.3];
    private static readonly NoiseLevel[] Levels = [new(1, 0.1), new(0.8, 0.6), new(0.3, 0.95), new(1, 5)];
    // Weight, and nothing else: the objectives in code have no targets.
    private static readonly ConditionLayout Weighted = new([new GuidanceInput(UniversalGuidance.WeightInput, 1)]);

    private static GuidanceObjective Near => GuidanceObjective.From(Closeness);

    [TestMethod]
    public void Forward_AnyLevel_ShiftIsTheGradientByFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        const double weight = 1.7, h = 1e-5;
        var x = tensor([0.4, -0.2, -1.1, 0.9, 0.1, 0.05], 3, 2);
        double[] values = x.data<double>().ToArray();
        foreach (var level in Levels)
        {
            double[] guided = Answer(new UniversalGuidance(Near) { ForwardWeight = weight }.Guide(ExactMixture.Denoiser), x, level);
            double[] plain = Answer(ExactMixture.Denoiser, x, level);
            for (int i = 0; i < values.Length; i++)
            {
                double[] up = [.. values], down = [.. values];
                (up[i], down[i]) = (up[i] + h, down[i] - h);
                double slope = (Value(up, i / 2) - Value(down, i / 2)) / (2 * h);
                // eq. 6 in terms of x̂0. Central differences of a smooth function at h = 1e-5 err by h² and 1e-16/h.
                Assert.AreEqual(plain[i] + weight * level.Sigma * level.Sigma / level.Alpha * slope, guided[i], 1e-7 * Math.Max(1, Math.Abs(guided[i])), $"{level}, {i}");
            }

            double Value(double[] at, int row)
            {
                double[] x0 = Answer(ExactMixture.Denoiser, tensor(at, 3, 2), level);
                return -Math.Pow(x0[2 * row] - Wanted[0], 2) - Math.Pow(x0[2 * row + 1] - Wanted[1], 2);
            }
        }
    }

    [TestMethod]
    public void Forward_LinearGaussianLikelihood_MovesTowardsTheExactPosterior()
    {
        const int rows = 2000;
        // y = x₁ + N(0, deviation²), the first number of data alone.
        double wanted = 1, deviation = 0.7;
        var objective = GuidanceObjective.From(x0 =>
        {
            using var first = x0.narrow(1, 0, 1);
            using var target = full_like(first, wanted);
            using var difference = first.sub(target);
            using var square = difference.mul(difference).flatten(1);
            using var sum = square.sum(1);
            using var factor = tensor(-0.5 / (deviation * deviation), float64);
            return sum.mul(factor);
        });
        double[] exact = PosteriorMean(wanted, deviation);
        double[] unguided = MeanOfSamples(ExactMixture.Denoiser), guided = MeanOfSamples(new UniversalGuidance(objective).Guide(ExactMixture.Denoiser));
        double before = Distance(unguided, exact), after = Distance(guided, exact);
        Console.WriteLine(FormattableString.Invariant($"exact [{exact[0]:g4}, {exact[1]:g4}], unguided {before:g3} away, guided {after:g3}"));
        // p(y | x̂0) stands in for p(y | x): not exact, but most of the way. Standard error of a mean 0.02.
        Assert.IsLessThan(before / 4, after);

        double[] MeanOfSamples(IDenoiser denoiser)
        {
            var plan = KnownSolvers.DdpmAncestral.Plan(KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 60));
            var noise = new ScatteredNoise(5);
            using var like = ExactMixture.Rows(rows);
            using var start = PlanRunner.DrawStart(plan.Grid, noise, like);
            using var sample = PlanRunner.Run(plan, denoiser, start, Conditioning.None, noise);
            using var mean = sample.mean([0L]);
            return mean.data<double>().ToArray();
        }
    }

    [TestMethod]
    public void Backward_QuadraticObjective_ReachesTheTarget()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.4, -0.2, -1.1, 0.9], 2, 2);
        double[] target = [.. Wanted, .. Wanted];
        // The step 1/2 along the gradient −2·(x0 − y) ends at y; with 0.1 what remains shrinks to 0.8 of it each time.
        double[] once = Answer(new UniversalGuidance(Near) { ForwardWeight = 0, BackwardSteps = 1, BackwardStepSize = 0.5 }.Guide(ExactMixture.Denoiser), x, Levels[1]);
        double[] many = Answer(new UniversalGuidance(Near) { ForwardWeight = 0, BackwardSteps = 10 }.Guide(ExactMixture.Denoiser), x, Levels[1]);
        double[] plain = Answer(ExactMixture.Denoiser, x, Levels[1]);
        for (int i = 0; i < target.Length; i++)
        {
            Assert.AreEqual(target[i], once[i], 1e-14);
            Assert.AreEqual(target[i] + Math.Pow(0.8, 10) * (plain[i] - target[i]), many[i], 1e-14);
        }
        // Adam's steps are 0.02 long at first, and swing about the target in the end.
        double[] adam = Answer(
            new UniversalGuidance(Near) { ForwardWeight = 0, BackwardSteps = 500, BackwardStepSize = 0.02, BackwardRule = KnownAscentRules.Adam }.Guide(ExactMixture.Denoiser), x, Levels[1]);
        for (int i = 0; i < target.Length; i++)
            Assert.AreEqual(target[i], adam[i], 1e-3);
    }

    [TestMethod]
    public void Backward_GoalAndLimit_HoldRowByRow()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.4, -0.2, -1.1, 0.9], 2, 2);
        double[] plain = Answer(ExactMixture.Denoiser, x, Levels[1]);
        double nearer = Math.Max(Value(0), Value(1)), farther = Math.Min(Value(0), Value(1));
        int done = Value(0) > Value(1) ? 0 : 1, left = 1 - done;
        double[] moved = Answer(new UniversalGuidance(Near) { ForwardWeight = 0, BackwardSteps = 1, BackwardGoal = (nearer + farther) / 2 }.Guide(ExactMixture.Denoiser), x, Levels[1]);
        Assert.AreEqual((plain[2 * done], plain[2 * done + 1]), (moved[2 * done], moved[2 * done + 1]));
        Assert.AreNotEqual(plain[2 * left], moved[2 * left]);
        double[] limited = Answer(new UniversalGuidance(Near) { ForwardWeight = 0, BackwardSteps = 3, BackwardStepSize = 0.5, BackwardLimit = 0.25 }.Guide(ExactMixture.Denoiser), x, Levels[1]);
        Assert.AreSequenceEqual(new[] { 0.25, -0.25, 0.25, -0.25 }, limited);

        double Value(int row) => -Math.Pow(plain[2 * row] - Wanted[0], 2) - Math.Pow(plain[2 * row + 1] - Wanted[1], 2);
    }

    [TestMethod]
    public void Denoise_WeightsOfRows_EachItsOwnAndZeroIsThePlainAnswer()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.4, -0.2, -1.1, 0.9, 0.1, 0.05], 3, 2);
        var condition = new Conditioning(Weighted, tensor([0f, 3f, float.NaN], 3, 1));
        double[] mixed = Answer(new UniversalGuidance(Near) { ForwardWeight = 2 }.Guide(ExactMixture.Denoiser), x, Levels[1], condition);
        double[][] uniform = [.. new[] { 0.0, 3, 2 }.Select(weight => Answer(new UniversalGuidance(Near) { ForwardWeight = weight }.Guide(ExactMixture.Denoiser), x, Levels[1]))];
        for (int i = 0; i < 6; i++)
            Assert.AreEqual(uniform[i / 2][i], mixed[i], 1e-14);
        Assert.AreSequenceEqual(Answer(ExactMixture.Denoiser, x, Levels[1]), uniform[0]);
    }

    [TestMethod]
    public void Denoise_NothingWanted_AsksTheDenoiserAlone()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.4, -0.2], 1, 2);
        // At pure noise data is unknown; the objective would throw.
        var guided = new UniversalGuidance(GuidanceObjective.From(_ => throw new InvalidOperationException("asked"))).Guide(ExactMixture.Denoiser);
        Assert.AreSequenceEqual(Answer(ExactMixture.Denoiser, x, new NoiseLevel(0, 1)), Answer(guided, x, new NoiseLevel(0, 1)));
        Assert.Contains("asked", Assert.ThrowsExactly<InvalidOperationException>(() => Answer(guided, x, Levels[0])).Message);
    }

    [TestMethod]
    public void Denoise_OuterGuidance_TakesTheInnerShiftForAConstant()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.4, -0.2, -1.1, 0.9], 2, 2);
        var level = Levels[1];
        double factor = level.Sigma * level.Sigma / level.Alpha;
        var backward = new UniversalGuidance(Near) { ForwardWeight = 0.5, BackwardSteps = 2 };
        var inner = backward.Guide(ExactMixture.Denoiser);
        double[] shifted = Answer(inner, x, level), plain = Answer(ExactMixture.Denoiser, x, level), stacked = Answer(new UniversalGuidance(Near).Guide(inner), x, level);
        // By hand: the gradient of the objective at D(x) + a constant.
        var shift = tensor([.. shifted.Zip(plain, (a, b) => a - b)], 2, 2);
        var leaf = x.detach().requires_grad_();
        var value = Closeness(ExactMixture.Denoiser.Denoise(leaf, new StepContext(level), Conditioning.None).X0.add(shift));
        double[] gradient = autograd.grad([value.sum()], [leaf])[0].data<double>().ToArray();
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(shifted[i] + factor * gradient[i], stacked[i], 1e-12);
    }

    [TestMethod]
    public void ForwardUnconditional_ShiftIsThatOfTheModelWithoutConditions()
    {
        using var scope = NewDisposeScope();
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, new DataShape(2));
        var x = TestNetworks.Rows(new DataShape(2), 4);
        var conditions = TestNetworks.Conditions(4);
        var step = new StepContext(Levels[1]);
        var missing = zeros_like(conditions.Packed);
        missing.narrow(1, 1, 3).copy_(full(4, 3, float.NaN));
        var free = new ClassifierFreeGuidance(3).Guide(denoiser, 2);
        var answer = new UniversalGuidance(Near) { ForwardUnconditional = true }.Guide(free, 2).Denoise(x, step, conditions).X0;
        var plain = free.Denoise(x, step, conditions).X0;
        var unconditional = denoiser.Denoise(x, step, new Conditioning(TestNetworks.Layout, missing)).X0;
        var shifted = new UniversalGuidance(Near).Guide(denoiser, 2).Denoise(x, step, new Conditioning(TestNetworks.Layout, missing)).X0;
        // Sums of Float32 of order 1 to 10 in another order.
        Assert.IsLessThan(Float32Tolerance.OfNetwork(10), TestNetworks.Distance(answer.sub(plain), shifted.sub(unconditional)));
        Assert.IsGreaterThan(1e-2, TestNetworks.Distance(answer, plain));
    }

    [TestMethod]
    public void Run_GuidedNetwork_LeavesNothingBehind()
    {
        using var denoiser = TestNetworks.Denoiser(new ResidualMlp { Width = 16 }, new DataShape(2), layout: ConditionLayout.Empty);
        var guidance = new UniversalGuidance(Near) { BackwardSteps = 2, BackwardRule = KnownAscentRules.Adam, BackwardGoal = -1e-3, BackwardLimit = 2, Recurrence = 2 };
        var plan = new RecurrentSolver(KnownSolvers.Ddim, guidance.Recurrence).Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 3));
        using var start = TestNetworks.Rows(new DataShape(2), 4);
        TensorLeak.AssertNone(() =>
        {
            using var sample = PlanRunner.Run(plan, guidance.Guide(denoiser), start, Conditioning.None, new ScatteredNoise(1));
            Assert.IsFalse(sample.requires_grad);
        });
        TensorLeak.AssertNone(() =>
        {
            using var x = start.detach().requires_grad_();
            guidance.Guide(denoiser).Denoise(x, new StepContext(Levels[1]), Conditioning.None).X0.Dispose();
        });
    }

    [TestMethod]
    public void Denoise_BadObjective_NamesWhatIsWrongAndLeavesNothing()
    {
        using var x = tensor([0.4, -0.2, -1.1, 0.9], 2, 2);
        Refuses("one number for each of the 2 rows", x0 => x0.sum());
        Refuses("one number for each of the 2 rows", x0 => x0.mul(x0));
        Refuses("no gradient", x0 => x0.detach().sum(1));
        Refuses("no gradient", x0 => zeros(2, dtype: float64));
        Refuses("NaN or infinite in row 0 at level (α 0.8, σ 0.6)", x0 => x0.sub(x0).div(x0.sub(x0)).sum(1));
        // |0|^½ is finite, but its slope is not.
        Refuses("gradient", x0 => x0.sub(x0.detach()).abs().sqrt().sum(1));

        void Refuses(string said, Func<Tensor, Tensor> objective)
        {
            var guidances = new[] { new UniversalGuidance(GuidanceObjective.From(Scoped)), new UniversalGuidance(GuidanceObjective.From(Scoped)) { ForwardWeight = 0, BackwardSteps = 2 } };
            foreach (var guidance in guidances)
                TensorLeak.AssertNone(() => Assert.Contains(said, Assert.ThrowsExactly<InvalidOperationException>(
                    () => guidance.Guide(ExactMixture.Denoiser).Denoise(x, new StepContext(Levels[1]), Conditioning.None)).Message));

            Tensor Scoped(Tensor x0)
            {
                using var scope = NewDisposeScope();
                return objective(x0).MoveToOuterDisposeScope();
            }
        }
    }

    [TestMethod]
    public void Denoise_DenoiserThatCanNotDifferentiate_RefusedForwardAndFineBackward()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.4, -0.2], 1, 2);
        var outside = new OutsideOfTorch();
        Assert.Contains("can not be differentiated", Assert.ThrowsExactly<InvalidOperationException>(
            () => new UniversalGuidance(Near).Guide(outside).Denoise(x, new StepContext(Levels[1]), Conditioning.None)).Message);
        double[] answer = Answer(new UniversalGuidance(Near) { ForwardWeight = 0, BackwardSteps = 1, BackwardStepSize = 0.5 }.Guide(outside), x, Levels[1]);
        Assert.AreEqual(Wanted[0], answer[0], 1e-14);
    }

    [TestMethod]
    public void Denoise_LearnedVarianceAndSelfCondition_PassThrough()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.4, -0.2], 1, 2);
        var guided = new UniversalGuidance(Near) { BackwardSteps = 1 }.Guide(new Learned());
        Assert.IsTrue(guided.TakesPrevious);
        var answer = guided.Denoise(x, new StepContext(Levels[1]), Conditioning.None);
        Assert.AreSequenceEqual(x.data<double>().ToArray(), answer.LogVariance!.data<double>().ToArray());
        Assert.IsFalse(answer.LogVariance.requires_grad);
    }

    [TestMethod]
    public void Json_RoundTrip_KeepsEverythingAndCodeIsRefused()
    {
        var guidance = new UniversalGuidance(KnownGuidanceObjectives.MatchUnderMask("Photo", "Mask", 0.5))
        {
            ForwardWeight = 2,
            ForwardUnconditional = true,
            BackwardSteps = 3,
            BackwardStepSize = 0.02,
            BackwardRule = new AdamAscent(0.8),
            BackwardLimit = 1,
            BackwardGoal = -1e-5,
            Recurrence = 4,
        };
        string json = ModelJson.Write<IGuidance>(guidance);
        var read = (UniversalGuidance)ModelJson.Read<IGuidance>(json);
        Assert.AreEqual(json, ModelJson.Write<IGuidance>(read));
        Assert.AreEqual((2.0, true, 3, 0.02, (double?)1, -1e-5, 4), (read.ForwardWeight, read.ForwardUnconditional, read.BackwardSteps, read.BackwardStepSize, read.BackwardLimit, read.BackwardGoal, read.Recurrence));
        Assert.AreEqual(double.PositiveInfinity, ((UniversalGuidance)ModelJson.Read<IGuidance>(ModelJson.Write<IGuidance>(new UniversalGuidance(KnownGuidanceObjectives.MatchMeanColor("Color"))))).BackwardGoal);
        Assert.Contains("can not be saved", Assert.Throws<Exception>(() => ModelJson.Write<IGuidance>(new UniversalGuidance(Near))).Message);
    }

    [TestMethod]
    public void Options_OutOfRange_NameTheValue()
    {
        Assert.AreEqual(-1.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniversalGuidance(Near) { ForwardWeight = -1 }).ActualValue);
        Assert.AreEqual(-1, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniversalGuidance(Near) { BackwardSteps = -1 }).ActualValue);
        Assert.AreEqual(0.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniversalGuidance(Near) { BackwardStepSize = 0 }).ActualValue);
        Assert.AreEqual(0.0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniversalGuidance(Near) { BackwardLimit = 0 }).ActualValue);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniversalGuidance(Near) { BackwardGoal = double.NaN });
        Assert.AreEqual(0, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UniversalGuidance(Near) { Recurrence = 0 }).ActualValue);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdamAscent(1));
    }

    // −‖x0 − y‖².
    private static Tensor Closeness(Tensor x0)
    {
        using var wanted = tensor(Wanted, 1, 2);
        using var target = wanted.to(x0.dtype);
        using var difference = x0.sub(target);
        using var squares = difference.mul(difference);
        using var sum = squares.sum(1);
        return sum.neg();
    }

    private static double[] Answer(IDenoiser denoiser, Tensor x, NoiseLevel level, Conditioning? condition = null)
    {
        using var off = no_grad();
        using var x0 = denoiser.Denoise(x, new StepContext(level), condition ?? Conditioning.None).X0;
        return x0.data<double>().ToArray();
    }

    // E[x0 | y] of the mixture of ExactMixture for y = x₁ + N(0, deviation²): Σ of the components' posterior means.
    private static double[] PosteriorMean(double y, double deviation)
    {
        double[] weights = [0.4, 0.6], mean = new double[2];
        double[][] means = [[-1.0, 0.5], [0.8, -0.4]];
        double[][] gains = [[0.2, 0.08], [0.1, -0.05]];
        double total = 0;
        for (int k = 0; k < 2; k++)
        {
            double variance = gains[k][0] + deviation * deviation, error = y - means[k][0];
            double weight = weights[k] * Math.Exp(-error * error / (2 * variance)) / Math.Sqrt(variance);
            total += weight;
            for (int i = 0; i < 2; i++)
                mean[i] += weight * (means[k][i] + gains[k][i] * error / variance);
        }
        return [mean[0] / total, mean[1] / total];
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    private sealed class OutsideOfTorch : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var off = no_grad();
            return ExactMixture.Denoiser.Denoise(x, step, condition);
        }
    }

    private sealed class Learned : IDenoiser
    {
        public bool TakesPrevious => true;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition) => ExactMixture.Denoiser.Denoise(x, step, condition) with { LogVariance = x.alias() };
    }
}
