using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Sizes that the configuration of a scheduler claims: thirty bytes of JSON must not take gigabytes.</summary>
[TestClass]
public sealed class SchedulerClaimsTests
{
    // Of managed memory; the tables of what is accepted are smaller.
    private const long MostBytes = 64 << 20;

    private static readonly long[] Values = [0, -1, 1 << 16, 2_000_000_000, int.MaxValue];

    [TestMethod]
    public void Read_EveryWholeNumberOfEveryScheduler_RefusedOrSmall()
    {
        int tried = 0;
        foreach (var scheduler in SchedulerClasses.All)
            foreach (var option in scheduler.Options.Where(option => option.Default is int))
                foreach (long value in Values)
                {
                    var config = new JsonObject { ["_class_name"] = scheduler.Name, [option.Name] = value };
                    var options = new DiffusersOptions(JsonSerializer.SerializeToElement(config), "test");
                    long before = GC.GetTotalAllocatedBytes(precise: true);
                    string? refusal = null;
                    try
                    {
                        SchedulerConfig.Read(options);
                    }
                    catch (NotSupportedException exception)
                    {
                        refusal = exception.Message;
                    }
                    Assert.IsLessThan(MostBytes, GC.GetTotalAllocatedBytes(precise: true) - before, $"{scheduler.Name}, {option.Name} = {value}");
                    if (refusal is not null)
                        Assert.Contains(option.Name, refusal);
                    if (option.Name is "num_train_timesteps" or "solver_order" && !(scheduler.Name.StartsWith("EDM", StringComparison.Ordinal) && option.Name[0] == 'n'))
                        Assert.IsNotNull(refusal, $"{scheduler.Name} took {option.Name} = {value}");
                    tried++;
                }
        Assert.IsGreaterThan(150, tried);
    }

    [TestMethod]
    [DataRow("linear")]
    [DataRow("scaled-linear")]
    [DataRow("cosine")]
    [DataRow("sigmoid")]
    [DataRow("sigmoid-beta")]
    [DataRow("sqrt-beta")]
    public void Read_ScheduleOfAModelFileThatClaimsMore_RefusedBeforeItsTableIsMade(string kind)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.ThrowsExactly<InvalidDataException>(() => ModelJson.Read<NoiseSchedule>($$"""{"kind":"{{kind}}","steps":2000000000}"""));
        Assert.IsLessThan(MostBytes, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    [TestMethod]
    public void Options_OfEveryClass_HaveADefaultThatIsReadAndAMeaning()
    {
        foreach (var scheduler in SchedulerClasses.All)
        {
            Assert.HasCount(scheduler.Options.Count, scheduler.Options.Select(option => option.Name).Distinct().ToArray(), scheduler.Name);
            Assert.IsTrue(scheduler.Options.All(option => option.Meaning.Length > 0), scheduler.Name);
            // All options as the class writes them itself.
            var config = new JsonObject { ["_class_name"] = scheduler.Name };
            foreach (var option in scheduler.Options)
                config[option.Name] = option.Default switch { int whole => whole, bool flag => flag, string word => word, double.NegativeInfinity => "-Infinity", double number => number, _ => null };
            var read = SchedulerConfig.Read(new DiffusersOptions(JsonSerializer.SerializeToElement(config), "test"));
            var bare = SchedulerConfig.Read(new DiffusersOptions(JsonSerializer.SerializeToElement(new JsonObject { ["_class_name"] = scheduler.Name }), "test"));
            Assert.AreEqual(ModelJson.Write(bare.Solver) + ModelJson.Write(bare.Spacing), ModelJson.Write(read.Solver) + ModelJson.Write(read.Spacing), scheduler.Name);
            Assert.IsEmpty(read.Dropped);
        }
    }
}
