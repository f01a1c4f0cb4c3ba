namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class LevelInputTests
{
    [TestMethod]
    public void LogRatio_CleanDataAndPureNoise_Finite()
    {
        Assert.AreEqual(Math.Log(0.7) / 4, KnownLevelInputs.LogRatio.Of(new NoiseLevel(1, 0.7)), 1e-15);
        Assert.AreEqual(Math.Log(0.7) / 4, KnownLevelInputs.LogRatio.Of(new NoiseLevel(0.5, 0.35)), 1e-15);
        Assert.AreEqual(Math.Log(1e-5) / 4, KnownLevelInputs.LogRatio.Of(NoiseLevel.Clean));
        Assert.AreEqual(Math.Log(1e5) / 4, KnownLevelInputs.LogRatio.Of(new NoiseLevel(0, 1)));
    }

    [TestMethod]
    public void Timestep_StepsOfATable_AreTheSteps()
    {
        foreach (DiscreteSchedule schedule in new DiscreteSchedule[] { new LinearBetaSchedule(1000), new CosineSchedule(50), new ZeroTerminalSnrSchedule(new ScaledLinearBetaSchedule(200)) })
        {
            var input = KnownLevelInputs.Timestep(schedule);
            for (int step = 0; step < schedule.Steps; step++)
                // To Float32, which is what the network gets.
                Assert.AreEqual(step, (float)input.Of(schedule.LevelOf(step)), schedule.GetType().Name);
            Assert.AreEqual(0, input.Of(NoiseLevel.Clean));
        }
    }

    [TestMethod]
    public void Of_LevelsOfAnyScale_DependOnTheRatioAlone()
    {
        foreach (var input in new[] { KnownLevelInputs.LogRatio, KnownLevelInputs.Timestep(new VpSchedule()), KnownLevelInputs.Time(new RectifiedFlowSchedule()) })
            // Rounding of σ/α.
            Assert.AreEqual(input.Of(new NoiseLevel(0.6, 0.8)), input.Of(new NoiseLevel(3, 4)), 1e-9);
        Assert.AreEqual(0.25, KnownLevelInputs.Time(new RectifiedFlowSchedule()).Of(new NoiseLevel(0.75, 0.25)), 1e-12);
    }

    [TestMethod]
    public void Json_RoundTrip_KeepsTheNumbers()
    {
        foreach (var input in new[] { new LogRatioInput(1, 2), KnownLevelInputs.Timestep(new LinearBetaSchedule(10)), KnownLevelInputs.Time(new RectifiedFlowSchedule()) })
        {
            var copy = ModelJson.Read<LevelInput>(ModelJson.Write(input));
            Assert.AreEqual(input.Of(new NoiseLevel(0.6, 0.8)), copy.Of(new NoiseLevel(0.6, 0.8)));
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogRatioInput(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ScheduleTimeInput(new VpSchedule(), double.NaN));
    }
}
