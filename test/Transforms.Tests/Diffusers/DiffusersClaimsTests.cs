using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Sizes that a configuration claims: thirty bytes of JSON must not take gigabytes, nor wrap around.</summary>
[TestClass]
public sealed class DiffusersClaimsTests : IDisposable
{
    // Of managed memory; networks and tables of what is accepted are smaller.
    private const long MostBytes = 64 << 20;

    private static readonly long[] Values = [0, -1, 1 << 16, 2_000_000_000, int.MaxValue];

    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("unet2d_tiny", "unet")]
    [DataRow("unet2d_condition_tiny", "unet")]
    [DataRow("dit_diffusers_tiny", "transformer")]
    [DataRow("autoencoder_kl_tiny", "vae")]
    public void Fit_EveryWholeNumberOfANetwork_RefusedOrSmall(string golden, string part)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TinyFolder.Networks, golden + ".json")));
        string[] names =
        [
            .. document.RootElement.GetProperty("config").EnumerateObject().Where(option => IsWhole(option.Value)).Select(option => option.Name)
                .Concat(["num_layers", "layers_per_block", "transformer_layers_per_block", "sample_size", "attention_head_dim", "num_attention_heads", "norm_num_groups", "cross_attention_dim", "time_embedding_dim"]).Distinct(),
        ];
        string folder = Path.Combine(_folder.Root, "model");
        bool isDecoder = part == "vae";
        TinyFolder.AddNetwork(folder, isDecoder ? "unet" : part, isDecoder ? "unet2d_condition_tiny" : golden);
        TinyFolder.AddScheduler(folder, "DDIMScheduler");
        if (isDecoder)
            TinyFolder.AddNetwork(folder, part, golden);
        string path = Path.Combine(folder, part, "config.json"), original = File.ReadAllText(path);
        foreach (string name in names)
            foreach (long value in Values)
            {
                var config = JsonNode.Parse(original)!.AsObject();
                config[name] = config[name] is JsonArray list ? new JsonArray([.. list.Select(_ => (JsonNode)value)]) : value;
                File.WriteAllText(path, config.ToJsonString());
                Measured($"{golden}, {name} = {value}", () => _ml.Diffusion().Transforms.LoadDiffusers(folder, options: new() { Steps = 2 }).Fit(_ml.Diffusion().Data.Rows(1)));
            }
    }

    private static bool IsWhole(JsonElement value)
        => value.ValueKind == JsonValueKind.Number ? value.TryGetInt32(out _) : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number);

    // What the promise of reading a folder names, and nothing else.
    private static void Measured(string what, Action read)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Exception? other = null;
        try
        {
            read();
        }
        catch (Exception exception)
        {
            other = exception is NotSupportedException or InvalidDataException or ArgumentException ? null : exception;
        }
        Assert.IsLessThan(MostBytes, GC.GetTotalAllocatedBytes(precise: true) - before, what);
        Assert.IsNull(other, $"{what}: {other}");
    }
}
