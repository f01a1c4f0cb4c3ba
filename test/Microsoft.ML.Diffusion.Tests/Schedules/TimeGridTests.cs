namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class TimeGridTests
{
    private static readonly NoiseLevel PureNoise = new(0, 1);
    private static readonly NoiseLevel Half = new(0.5, 0.5);

    [TestMethod]
    public void Constructor_IllegalPoints_NamesTheOffender()
    {
        Expect("at least two", [1], [Half]);
        Expect("2 times and 3 levels", [1, 0], [PureNoise, Half, NoiseLevel.Clean]);
        Expect("time 1 is 1 after 1", [1, 1], [Half, NoiseLevel.Clean]);
        Expect("time 0 is NaN", [double.NaN, 0], [Half, NoiseLevel.Clean]);
        Expect("Level 1 is (α -1, σ 0)", [1, 0], [Half, new NoiseLevel(-1, 0)]);
        Expect("Level 0 is (α 0, σ 0)", [1, 0], [new NoiseLevel(0, 0), NoiseLevel.Clean]);
        Expect("level 1 is (α 0.5, σ 0.5) after (α 0.5, σ 0.5)", [1, 0], [Half, Half]);
        Expect("level 1 is (α 0, σ 1) after (α 0, σ 1)", [1, 0], [PureNoise, PureNoise]);
    }

    [TestMethod]
    public void FromRatios_IllegalRatios_ListsThem()
    {
        Assert.Contains("[0, 1]", Assert.ThrowsExactly<ArgumentException>(() => TimeGrid.FromRatios([0, 1])).Message);
        Assert.Contains("after", Assert.ThrowsExactly<ArgumentException>(() => TimeGrid.FromRatios([1, 2])).Message);
        var flow = new TimeGrid(KnownSchedules.Edm, [1, 0], [PureNoise, NoiseLevel.Clean]);
        Assert.ThrowsExactly<ArgumentException>(flow.ToRatios);
    }

    [TestMethod]
    public void ToRatios_AnyGrid_KeepsTheRatiosAndItsPrior()
    {
        var grid = KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 12);
        var ratios = grid.ToRatios();
        Assert.AreSequenceEqual(grid.Levels.Select(level => level.Ratio).ToArray(), ratios.Levels.Select(level => level.Sigma).ToArray());
        // √(α² + σ²) of a variance-preserving level rounds twice.
        Assert.AreEqual(1, grid.PriorScale, 1e-15);
        Assert.AreEqual(grid.Levels[0].Ratio, ratios.PriorScale);
    }

    private static void Expect(string words, double[] times, NoiseLevel[] levels)
        => Assert.Contains(words, Assert.ThrowsExactly<ArgumentException>(() => new TimeGrid(KnownSchedules.Edm, times, levels)).Message);
}
