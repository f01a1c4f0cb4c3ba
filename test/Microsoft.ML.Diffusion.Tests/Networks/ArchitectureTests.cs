namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class ArchitectureTests
{
    [TestMethod]
    public void Json_RoundTrip_KeepsEveryOption()
    {
        var network = new UNet { Channels = 48, Multipliers = [1, 3], BlocksPerLevel = 2, AttentionFactors = [2], MiddleAttention = false, HeadChannels = 16, Groups = 16, PatchSize = 2, Dropout = 0.1 };
        foreach (Network original in new Network[] { network, UNet.Small, UNet.Medium, new ResidualMlp { Width = 64, Blocks = 5, Dropout = 0.2 }, new DiffusersUNet { Down = [UNetStage.CrossAttention], Middle = UNetMiddle.OneResidual, WithVariance = true, HeadWidths = [], ContextWidth = 8 } })
        {
            string json = ModelJson.Write(original);
            var copy = ModelJson.Read<Network>(json);
            Assert.AreEqual(original.GetType(), copy.GetType());
            Assert.AreEqual(json, ModelJson.Write(copy));
        }
        Assert.Contains("\"multipliers\":[1,3]", ModelJson.Write<Network>(network));
    }

    [TestMethod]
    public void ListParameters_Presets_HaveTheStatedSizes()
    {
        Assert.AreEqual(1.1e6, Count(UNet.Small, new DataShape(1, 28, 28)), 0.1e6);
        Assert.AreEqual(23e6, Count(UNet.Medium, new DataShape(3, 32, 32)), 1e6);
        Assert.AreEqual(0.9e6, Count(ResidualMlp.Default, new DataShape(10)), 0.1e6);
    }

    [TestMethod]
    public void Validate_ShapesThatDoNotFit_RefusedWithWhatIsAccepted()
    {
        Refused(UNet.Small, new DataShape(10), "takes pictures [channels, height, width], got [10]");
        Refused(ResidualMlp.Default, new DataShape(1, 8, 8), "takes vectors [length], got [1, 8, 8]");
        Refused(new UNet { Channels = 20 }, new DataShape(1, 28, 28), "Channels 20 are not divisible by Groups 8");
        Refused(new UNet { HeadChannels = 48 }, new DataShape(1, 28, 28), "64 channels are not divisible by HeadChannels 48");
    }

    [TestMethod]
    public void Init_ValuesOutOfRange_RefusedByName()
    {
        Assert.Contains("UNet.Channels", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UNet { Channels = 0 }).Message);
        Assert.Contains("has 1 to 8 positive numbers", Assert.ThrowsExactly<ArgumentException>(() => new UNet { Multipliers = [] }).Message);
        Assert.Contains("Dropout", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new UNet { Dropout = 1 }).Message);
        Assert.Contains("ResidualMlp.Width", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ResidualMlp { Width = 3 }).Message);
        Assert.Contains("kind", Assert.ThrowsExactly<InvalidDataException>(() => ModelJson.Read<Network>("""{"kind":"resnet"}""")).Message);
    }

    private static double Count(Network network, DataShape shape) => network.ListParameters(shape, ConditionLayout.Empty).Sum(parameter => parameter.Count);

    private static void Refused(Network network, DataShape shape, string message) =>
        Assert.Contains(message, Assert.ThrowsExactly<ArgumentException>(() => network.ListParameters(shape, ConditionLayout.Empty)).Message);
}
