using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>
/// What a configuration claims costs nothing before it is checked: each number of each kind of network, schedule, spacing and sampler is replaced by others, up to those that would take the memory of any
/// machine, and is refused, or is possible, within 64 MB.
/// </summary>
[TestClass]
public sealed class ClaimedSizesTests
{
    private const long Budget = 64_000_000;

    private static readonly long[] Claims = [0, -1, 1 << 16, 2_000_000_000, int.MaxValue, long.MaxValue];

    private static readonly ConditionLayout Class = new([new ClassCondition("Label", 10)]);
    private static readonly ConditionLayout Text = new([new TokensCondition("Text", 8, 100)]);
    private static readonly DataShape Picture = new(3, 32, 32), Vector = new(6), Sequence = new(4, 32);

    // One of each kind, and what it is asked to take.
    private static readonly (Network Network, DataShape Shape, ConditionLayout Conditions)[] Networks =
    [
        (new UNet { AttentionFactors = [2], PatchSize = 2 }, Picture, Class), (new ResidualMlp { Answers = 3 }, Vector, Class), (new ResidualMlp(), Vector, Class),
        (new DiffusersUNet { HeadWidths = [8], Down = [UNetStage.Attention], EmbeddingWidth = 64, ContextWidth = 8, OutputChannels = 3 }, Picture, Class),
        (SongUNet.Small, Picture, Class), (DhariwalUNet.Small, Picture, Class), (new DiT { Width = 64, Depth = 2, Heads = 4 }, Picture, Class),
        (AdmUNet.Small, Picture, Class), (AdmClassifier.Small, Picture, ConditionLayout.Empty), (TabularMlp.Default, Vector, Class),
        (new LinearAttentionUNet { Channels = 8, FirstChannels = 8, Multipliers = [1, 2], FullAttention = [1] }, Sequence, Class), (new HalfUNet(10), Picture, ConditionLayout.Empty),
        (new ConditionEncoder(8), new DataShape(1), Text), (new TextConditionedNetwork(new UNet(), TokenEncoder.Small), Picture, Text),
    ];

    private static readonly Autoencoder[] Autoencoders = [new KlAutoencoder { Channels = [32, 64] }, new VqAutoencoder { CodeWidth = 3 }];

    [TestMethod]
    public void Networks_AreThoseOfTheModelFile()
    {
        // TorchScript has its own checks, and no sizes.
        var kinds = Kinds<Network>().Where(kind => kind != typeof(TorchScriptNetwork));
        Assert.AreSequenceEqual(kinds.OrderBy(kind => kind.Name), Networks.Select(one => one.Network.GetType()).Distinct().OrderBy(kind => kind.Name));
        Assert.AreSequenceEqual(Kinds<Autoencoder>().OrderBy(kind => kind.Name), Autoencoders.Select(one => one.GetType()).OrderBy(kind => kind.Name));
    }

    [TestMethod]
    public void Read_NetworkOfAnySizes_CostsLittle()
    {
        foreach (var (network, shape, conditions) in Networks)
            Check(network, read => read.ListParameters(shape, conditions));
    }

    [TestMethod]
    public void Read_AutoencoderOfAnySizes_CostsLittle() => Check<Autoencoder>(Autoencoders, read => read.ListParameters(Picture));

    [TestMethod]
    public void Read_ShapesAndConditionsOfAnySizes_CostLittle()
    {
        foreach (var (network, shape, conditions) in Networks)
        {
            Check(shape, read => network.ListParameters(read, conditions));
            Check(conditions, read => network.ListParameters(shape, read));
        }
        ConditionSlot[] slots = [new VectorCondition("Vector", 3), new SequenceCondition("Sequence", 2, 3), new PictureCondition("Picture", Picture, Picture), new AugmentationCondition(9)];
        foreach (var slot in slots)
            Check(new ConditionLayout([slot, slot with { Name = "Other" }]), read => new UNet().ListParameters(Picture, read));
    }

    [TestMethod]
    public void Read_ScheduleOfAnySizes_CostsLittle() => Check(ModelJsonTests.Schedules, read => KnownSpacings.Karras.Grid(read, 10));

    [TestMethod]
    public void Read_SpacingOfAnySizes_CostsLittle()
    {
        foreach (int steps in new[] { 6, 20 })
            Check(ModelJsonTests.Spacings, read => read.Grid(new LinearBetaSchedule(), steps));
    }

    [TestMethod]
    public void Read_SamplerOfAnySizes_CostsLittle()
    {
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 20);
        Check(ModelJsonTests.Solvers, read => read.Plan(grid));
        Check(ModelJsonTests.Samplers, read => read.Prepare(grid));
        Check(ModelJsonTests.Predictors, _ => { });
        Check(ModelJsonTests.Correctors, _ => { });
        Check(ModelJsonTests.Proposals, _ => { });
    }

    private static IEnumerable<Type> Kinds<T>() => typeof(T).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType);

    private static void Check<T>(IEnumerable<T> values, Action<T> use)
        where T : notnull
    {
        foreach (var value in values)
            Check(value, use);
    }

    private static void Check<T>(T value, Action<T> use)
        where T : notnull
    {
        string json = ModelJson.Write(value);
        // The first call of all pays for types and tables.
        Assert.IsNull(Try(json, use), json);
        foreach (var (path, _) in JsonLeaves.Of(JsonNode.Parse(json)!).Where(leaf => leaf.Value is null || leaf.Value.GetValueKind() == System.Text.Json.JsonValueKind.Number))
            foreach (long claim in Claims)
            {
                string changed = JsonLeaves.With(json, path, JsonValue.Create(claim));
                long before = GC.GetAllocatedBytesForCurrentThread();
                var failure = Try(changed, use);
                Assert.IsNull(failure, $"{string.Join('.', path)} = {claim} in {json}");
                Assert.IsLessThan(Budget, GC.GetAllocatedBytesForCurrentThread() - before, $"{string.Join('.', path)} = {claim} in {json}");
            }
    }

    // What is not refused in words, and does not go well either.
    private static Exception? Try<T>(string json, Action<T> use)
        where T : notnull
    {
        try
        {
            use(ModelJson.Read<T>(json));
            return null;
        }
        catch (Exception exception)
        {
            return exception is InvalidDataException or ArgumentException or InvalidOperationException ? null : exception;
        }
    }
}
