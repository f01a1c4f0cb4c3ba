using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ConsistencyObjectiveTests
{
    // The deviation of normal data, whose flow is known: y/√(s² + r²) is constant, y = x/α.
    private const double Deviation = 0.7;

    public static IEnumerable<object[]> Schedules => [[new EdmSchedule(0.01, 20)], [new VpSchedule()]];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Distillation_OfNormalData_IsLeastForTheTrueFunctionAtTheOrderOfHeun(NoiseSchedule schedule)
    {
        double Distance(int steps, bool euler = false, double wrong = 1)
        {
            using var scope = NewDisposeScope();
            var objective = new ConsistencyDistillationObjective { Course = new DoublingCourse(steps, steps), Distance = new AbsoluteDistance(), Weight = KnownLossWeights.X0, Euler = euler };
            return objective.Loss(Batch(schedule, wrong)).item<double>();
        }

        // The error of a step is O(h³) for Heun, O(h²) for Euler.
        Assert.AreEqual(8, Distance(40) / Distance(80), 1.5);
        Assert.AreEqual(4, Distance(40, euler: true) / Distance(80, euler: true), 0.8);
        Assert.IsGreaterThan(20 * Distance(80), Distance(80, wrong: 1.1), "another function");
    }

    [TestMethod]
    public void LossOfRows_Gradient_ReachesTheNoisierAnswerAlone()
    {
        using var scope = NewDisposeScope();
        var schedule = new EdmSchedule(0.01, 20);
        var batch = Batch(schedule, 1);
        var factor = tensor(1.1, ScalarType.Float64).requires_grad_();
        int asked = 0;
        Tensor Ask(Tensor x, NoiseLevels levels)
        {
            asked++;
            return batch.Network(x, levels).mul(factor);
        }

        var copy = new ObjectiveBatch { X0 = batch.X0, Latent = batch.Latent, Levels = batch.Levels, Process = batch.Process, Parameterization = batch.Parameterization, Network = Ask, Target = (x, levels) => no_grad(Ask, x, levels) };
        new ConsistencyTrainingObjective { Course = new DoublingCourse(10, 10) }.Loss(copy).backward();
        double slope = factor.grad!.item<double>();
        Assert.AreEqual(2, asked);
        // The same with a target of numbers.
        factor.grad.zero_();
        var still = tensor(1.1, ScalarType.Float64);
        var numbers = new ObjectiveBatch { X0 = batch.X0, Latent = batch.Latent, Levels = batch.Levels, Process = batch.Process, Parameterization = batch.Parameterization, Network = Ask, Target = (x, levels) => batch.Network(x, levels).mul(still) };
        new ConsistencyTrainingObjective { Course = new DoublingCourse(10, 10) }.Loss(numbers).backward();
        Assert.AreEqual(slope, factor.grad.item<double>(), 1e-6 * Math.Abs(slope));
    }

    [TestMethod]
    public void Loss_LeavesNoTensors()
    {
        var batch = Batch(new EdmSchedule(0.01, 20), 1);
        foreach (var objective in new[] { KnownObjectives.ConsistencyTraining, KnownObjectives.ConsistencyDistillation })
            TensorLeak.AssertNone(() => objective.Loss(batch).Dispose());
    }

    [TestMethod]
    public void StepsAt_Doubling_TakesEqualParts()
    {
        var course = new DoublingCourse();
        // 10, 20, ..., 1,280 after each eighth.
        Assert.AreEqual(10, course.StepsAt(0));
        Assert.AreEqual(10, course.StepsAt(0.1249));
        Assert.AreEqual(20, course.StepsAt(0.125));
        Assert.AreEqual(1280, course.StepsAt(0.875));
        Assert.AreEqual(1280, course.StepsAt(1));
        Assert.AreEqual(17, new DoublingCourse(17, 17).StepsAt(0.7));
        Assert.AreEqual(30, new DoublingCourse(10, 30).StepsAt(1));
    }

    [TestMethod]
    public void StepsAt_SquareRoot_IsThePapers()
    {
        var course = new SquareRootCourse(2, 150);
        Assert.AreEqual(1, course.StepsAt(0));
        Assert.AreEqual(150, course.StepsAt(1));
        Assert.AreEqual((int)Math.Ceiling(Math.Sqrt(0.25 * (151 * 151 - 4) + 4) - 1), course.StepsAt(0.25));
    }

    [TestMethod]
    public void Check_SchedulesAndParameterizationsThatDoNotFit_AreRefused()
    {
        var objective = KnownObjectives.ConsistencyTraining;
        objective.Check(objective.DefaultParameterization(0.5, KnownSchedules.Edm), KnownSchedules.Edm);
        Assert.Contains("0.1", Assert.ThrowsExactly<ArgumentException>(() => objective.Check(new ConsistencyParameterization(0.5, 0.1), KnownSchedules.Edm)).Message);
        Assert.Contains("α = 0", Assert.ThrowsExactly<ArgumentException>(() => objective.Check(new ConsistencyParameterization(), KnownSchedules.RectifiedFlow)).Message);
    }

    private static Tensor no_grad(Func<Tensor, NoiseLevels, Tensor> ask, Tensor x, NoiseLevels levels)
    {
        using var still = TorchSharp.torch.no_grad();
        return ask(x, levels);
    }

    // Rows at all but the lowest levels; the network is the consistency function of data of another deviation, by a factor; the teacher is exact.
    private static ObjectiveBatch Batch(NoiseSchedule schedule, double wrong)
    {
        const int Rows = 40;
        double variance = Math.Pow(wrong * Deviation, 2), smallest = schedule.RatioRange.Smallest, largest = schedule.RatioRange.Largest;
        var parameterization = new ConsistencyParameterization(0.5, smallest);
        var numbers = new RowNoise(3, [.. Enumerable.Range(0, Rows).Select(row => new RowKey((ulong)row))]);
        var shape = empty(Rows, 2, ScalarType.Float64);
        var x0 = numbers.Normal(0, shape).mul(Deviation);
        double Ratio(int row) => Math.Pow(Math.Pow(smallest, 1.0 / 7) + (row + 1.0) / Rows * (Math.Pow(largest, 1.0 / 7) - Math.Pow(smallest, 1.0 / 7)), 7);
        return new ObjectiveBatch
        {
            X0 = x0,
            Latent = numbers.Normal(1, shape),
            Levels = new NoiseLevels([.. Enumerable.Range(0, Rows).Select(row => NoiseLevel.FromRatio(Ratio(row)))]),
            Process = new GaussianProcess(schedule),
            Parameterization = parameterization,
            Network = (x, levels) =>
            {
                using var function = levels.Multiply(x, Function);
                return Target(parameterization, x, function, levels);
            },
            Teacher = (x, levels) => levels.Multiply(x, level => Deviation * Deviation / (Deviation * Deviation + level.Ratio * level.Ratio) / level.Alpha),
        };

        double Function(NoiseLevel level) => Math.Sqrt((variance + smallest * smallest) / (variance + level.Ratio * level.Ratio)) / level.Alpha;
    }

    // At the smallest level the answer does not matter.
    private static Tensor Target(Parameterization parameterization, Tensor x, Tensor function, NoiseLevels levels)
    {
        using var skipped = levels.Multiply(x, level => parameterization.At(level).Out == 0 ? 0 : parameterization.At(level).Skip / parameterization.At(level).Out);
        using var scaled = levels.Multiply(function, level => parameterization.At(level).Out == 0 ? 0 : 1 / parameterization.At(level).Out);
        return scaled.sub(skipped);
    }
}
