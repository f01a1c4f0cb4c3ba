using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Diffusion.TestSupport.Golden;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Options of diffusers that are of the wrong type, or far from what is sensible: refused by the name of the file and of the option, in one sentence.</summary>
[TestClass]
public sealed class OptionTypesTests
{
    private const string Source = "part/config.json";

    private static readonly string[] Values =
    [
        "\"word\"", "\"\"", "\"1\"", "[]", "[1]", "[[1]]", "[\"word\"]", "[null]", "{}", "{\"a\":1}", "true", "false", "null", "0", "1", "-1", "0.5", "1e30", "-1e30", "1e999", "-1e999", "\"NaN\"", "\"Infinity\"",
    ];

    public static IEnumerable<object[]> Schedulers => SchedulerClasses.All.Select(scheduler => new object[] { scheduler.Name });

    [TestMethod]
    [DynamicData(nameof(Schedulers))]
    public void Read_AnyValueOfAnyOptionOfASchedulerClass_TakenOrRefusedByName(string name)
    {
        var scheduler = SchedulerClasses.All.Single(each => each.Name == name);
        foreach (var option in scheduler.Options)
            foreach (string value in Values)
            {
                bool taken = IsTaken(options => SchedulerConfig.Read(options), new JsonObject { ["_class_name"] = name }, option.Name, value);
                Assert.IsFalse(taken && IsOfAnotherType(option.Default, value), $"{option.Name} = {value} was taken");
            }
    }

    [TestMethod]
    [DataRow("unet2d_tiny", "UNet2DModel")]
    [DataRow("unet2d_condition_tiny", "UNet2DConditionModel")]
    [DataRow("dit_diffusers_tiny", "DiTTransformer2DModel")]
    [DataRow("autoencoder_kl_tiny", "AutoencoderKL")]
    public void Read_AnyValueOfAnyOptionOfANetwork_TakenOrRefusedByName(string golden, string className)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(GoldenFolder.Path, "networks", golden + ".json")));
        var config = JsonNode.Parse(document.RootElement.GetProperty("config").GetRawText())!.AsObject();
        config["_class_name"] = className;
        foreach (string option in config.Select(property => property.Key).ToArray())
            foreach (string value in Values)
                IsTaken(className == AutoencoderConfig.Kl ? options => AutoencoderConfig.Read(options, className) : options => DiffusersNetworks.Read(options), config, option, value);
    }

    [TestMethod]
    [DataRow("""{"a\ud800": 1}""")]
    [DataRow("""{"a": ["\udc00"]}""")]
    [DataRow("""{"a": NaNa}""")]
    [DataRow("""{"a": """)]
    public void Parse_TextThatIsNoJson_IsRefusedAsSuch(string text)
        => Assert.Throws<JsonException>(() => PythonJson.Parse(System.Text.Encoding.UTF8.GetBytes(text)));

    private static bool IsOfAnotherType(object? value, string json) => value switch
    {
        null => false,
        bool => json is not ("true" or "false"),
        int => json is not ("0" or "1" or "-1"),
        // For −∞ a number beyond all others is as good.
        double.NegativeInfinity => json[0] is not ('-' or '0' or '1') || json == "1e999",
        double => json[0] is not ('-' or '0' or '1') || json.Contains("999", StringComparison.Ordinal),
        _ => json[0] != '"',
    };

    // Other exceptions than these two fail the test.
    private static bool IsTaken(Action<DiffusersOptions> read, JsonObject config, string option, string value)
    {
        var changed = (JsonObject)config.DeepClone();
        changed[option] = "the value";
        using var document = JsonDocument.Parse(changed.ToJsonString().Replace("\"the value\"", value, StringComparison.Ordinal));
        if (Refusal(() => read(new DiffusersOptions(document.RootElement, Source))) is not { } refusal)
            return true;
        Assert.StartsWith($"'{Source}': ", refusal);
        Assert.Contains(option, refusal, value);
        Assert.IsTrue(refusal.EndsWith('.') && !refusal.EndsWith("..", StringComparison.Ordinal) && !refusal.Contains('\n', StringComparison.Ordinal), refusal);
        return false;
    }

    private static string? Refusal(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidDataException)
        {
            return exception.Message;
        }
    }
}
