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

    [TestMethod]
    public void Slice_Part_HasItsPoints()
    {
        var grid = KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 10);
        var part = grid.Slice(3, 7);
        Assert.AreSequenceEqual(grid.Times.Skip(3).Take(5), part.Times);
        Assert.AreSequenceEqual(grid.Levels.Skip(3).Take(5), part.Levels);
        foreach (var (first, last) in new[] { (-1, 3), (3, 3), (5, 4), (0, 11) })
            Assert.Contains("0 <= first < last <= 10", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => grid.Slice(first, last)).Message);
    }

    [TestMethod]
    public void From_LevelBetweenPoints_StartsThereAndGoesOnAlongTheGrid()
    {
        foreach (var schedule in new[] { KnownSchedules.Edm, KnownSchedules.Cosine, KnownSchedules.RectifiedFlow })
        {
            var grid = schedule.DefaultSpacing.Grid(schedule, 10);
            double ratio = 0.4 * grid.Levels[4].Ratio + 0.6 * grid.Levels[5].Ratio;
            var rest = grid.From(new NoiseLevel(2, 2 * ratio));
            Assert.AreEqual(ratio, rest.Levels[0].Ratio, 1e-12 * ratio);
            Assert.AreSequenceEqual(grid.Levels.Skip(5), rest.Levels.Skip(1));
        }
    }

    [TestMethod]
    public void From_LevelOfAPoint_IsTheSlice()
    {
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 10);
        Assert.AreSequenceEqual(grid.Levels.Skip(4), grid.From(NoiseLevel.FromRatio(grid.Levels[4].Ratio * (1 + 1e-14))).Levels);
        Assert.AreEqual(10, grid.From(grid.Levels[0]).Steps);
    }

    [TestMethod]
    [DataRow(81)]
    [DataRow(0.001)]
    [DataRow(0)]
    [DataRow(double.NaN)]
    public void From_LevelOutsideOfTheGrid_NamesTheRange(double ratio)
        => Assert.Contains("from 0.002 to 80", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KnownSpacings.Karras.Grid(KnownSchedules.Edm, 10).From(new NoiseLevel(1, ratio))).Message);
}
