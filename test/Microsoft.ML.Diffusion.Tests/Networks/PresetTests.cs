namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PresetTests
{
    private static readonly DataShape Picture = new(3, 32, 32);

    /// <summary>The sizes that the presets' docs and docs/networks.md state, in millions.</summary>
    public static IEnumerable<object[]> Presets =>
    [
        ["SongUNet.Small", SongUNet.Small, Picture, 0, 1.2],
        ["SongUNet.DdpmPlusPlus", SongUNet.DdpmPlusPlus, Picture, 0, 55.7],
        ["SongUNet.NcsnPlusPlus", SongUNet.NcsnPlusPlus, Picture, 0, 56.5],
        ["DhariwalUNet.Small", DhariwalUNet.Small, Picture, 0, 1.3],
        ["DhariwalUNet.Adm", DhariwalUNet.Adm, new DataShape(3, 64, 64), 1000, 296],
        ["DiT.Small", DiT.Small, Picture, 0, 1.3],
        ["DiT.S2", DiT.S2, new DataShape(4, 32, 32), 1000, 33],
        ["DiT.B2", DiT.B2, new DataShape(4, 32, 32), 1000, 130],
        ["DiT.L2", DiT.L2, new DataShape(4, 32, 32), 1000, 458],
        ["DiT.XL2", DiT.XL2, new DataShape(4, 32, 32), 1000, 675],
        ["AdmUNet.Small", AdmUNet.Small, Picture, 0, 1.1],
        ["AdmUNet.ImageNet64", AdmUNet.ImageNet64, new DataShape(3, 64, 64), 1000, 296],
        ["AdmClassifier.Small", AdmClassifier.Small, Picture, 0, 0.46],
        ["LinearAttentionUNet.Small, sequences", LinearAttentionUNet.Small, new DataShape(1, 64), 0, 0.76],
        ["LinearAttentionUNet.Small, pictures", LinearAttentionUNet.Small, Picture, 0, 1.4],
        ["LinearAttentionUNet.Default", LinearAttentionUNet.Default, Picture, 0, 36],
        ["TabularMlp.Default", TabularMlp.Default, new DataShape(10), 0, 0.136],
    ];

    [TestMethod]
    [DynamicData(nameof(Presets))]
    public void ListParameters_Presets_HaveTheStatedSizes(string name, Network network, DataShape shape, int classes, double millions)
    {
        var layout = classes > 0 ? new ConditionLayout([new ClassCondition("Class", classes)]) : ConditionLayout.Empty;
        double count = network.ListParameters(shape, layout).Sum(parameter => parameter.Count) / 1e6;
        // As precise as two digits say it.
        Assert.AreEqual(millions, count, 0.04 * millions, name);
    }
}
