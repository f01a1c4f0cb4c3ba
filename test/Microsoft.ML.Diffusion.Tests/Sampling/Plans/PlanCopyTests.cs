namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PlanCopyTests
{
    private static readonly TimeGrid Grid = KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 6);

    [TestMethod]
    public void Append_FromTheStart_IsThePlan()
    {
        foreach (var solver in new[] { KnownSolvers.DdpmAncestral, KnownSolvers.Heun, KnownSolvers.DpmSolverPlusPlus2M })
        {
            var plan = solver.Plan(Grid);
            var trace = new PlanTracer(Grid);
            var copy = trace.Finish(trace.Append(plan, trace.Start));
            Assert.AreSequenceEqual(plan.Instructions.Select(instruction => instruction.ToString()), copy.Instructions.Select(instruction => instruction.ToString()));
            Assert.AreEqual(plan.Output, copy.Output);
        }
    }

    [TestMethod]
    public void Append_SingleStepSolverStepByStep_IsThePlan()
    {
        var trace = new PlanTracer(Grid);
        var x = trace.Start;
        for (int i = 0; i < Grid.Steps; i++)
            x = trace.Append(KnownSolvers.DdpmAncestral.Plan(Grid.Slice(i, i + 1)), x);
        var plan = KnownSolvers.DdpmAncestral.Plan(Grid);
        Assert.AreSequenceEqual(plan.Instructions.Select(instruction => instruction.ToString()), trace.Finish(x).Instructions.Select(instruction => instruction.ToString()));
    }

    [TestMethod]
    public void Append_LearnedDeviationAndInputs_AreCarriedOver()
    {
        var inner = new PlanTracer(Grid);
        var d = inner.Denoise(inner.Start, 0);
        var plan = inner.Finish(inner.Blend(inner.Input(), d, inner.Multiply(PlanTracer.LearnedDeviation(d), inner.Noise())));
        var trace = new PlanTracer(Grid);
        var first = trace.Denoise(trace.Input() + trace.Noise(), 0);
        var copy = trace.Finish(trace.Append(plan, first));
        Assert.IsTrue(copy.NeedsLearnedVariance);
        Assert.AreEqual(2, copy.Inputs);
        Assert.AreEqual("x1 = s1 ⊙ n1", copy.Instructions[^2].ToString());
        Assert.AreEqual("x2 = in1 ⊙ d1 + (1 − in1) ⊙ x1", copy.Instructions[^1].ToString());
    }

    [TestMethod]
    public void Append_Arrive_SeesEveryStateOnceAtItsLevelAndTheEnd()
    {
        List<NoiseLevel> levels = [];
        var trace = new PlanTracer(Grid);
        trace.Append(KnownSolvers.DpmSolverPlusPlus2M.Plan(Grid), trace.Start, (state, level) =>
        {
            levels.Add(level);
            return state;
        });
        Assert.AreSequenceEqual(Grid.Levels.Skip(1), levels);
    }
}
