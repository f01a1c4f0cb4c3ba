using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Diffusion.TestSupport.Golden;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Folders of diffusers out of the golden networks: options, weights and a scheduler, as <c>save_pretrained</c> writes them.</summary>
internal static class TinyFolder
{
    public const string WeightsName = "diffusion_pytorch_model.safetensors";

    /// <summary>Writes a part of a network of a golden file.</summary>
    public static void AddNetwork(string folder, string part, string golden, params (string Option, JsonNode? Value)[] changes)
    {
        string source = Path.Combine(Networks, golden);
        using var document = JsonDocument.Parse(File.ReadAllBytes(source + ".json"));
        var config = JsonNode.Parse(document.RootElement.GetProperty("config").GetRawText())!.AsObject();
        config["_class_name"] = document.RootElement.GetProperty("header").GetProperty("source").GetProperty("functions")[0].GetString()!.Split('.')[0];
        config["_diffusers_version"] = "0.30.0";
        Write(Path.Combine(folder, part, "config.json"), config, changes);
        File.Copy(source + ".safetensors", Path.Combine(folder, part, WeightsName));
    }

    /// <summary>Writes a scheduler.</summary>
    public static void AddScheduler(string folder, string className, params (string Option, JsonNode? Value)[] options)
        => Write(Path.Combine(folder, "scheduler", "scheduler_config.json"), new JsonObject { ["_class_name"] = className }, options);

    /// <summary>A folder of an unconditional network and DDIM.</summary>
    public static string Unconditional(TemporaryFolder parent, string name = "model")
    {
        string folder = Path.Combine(parent.Root, name);
        AddNetwork(folder, "unet", "unet2d_tiny");
        AddScheduler(folder, "DDIMScheduler");
        return folder;
    }

    /// <summary>A folder of latent diffusion: a network with cross attention, PNDM, and an autoencoder.</summary>
    public static string Latent(TemporaryFolder parent)
    {
        string folder = Path.Combine(parent.Root, "latent");
        AddNetwork(folder, "unet", "unet2d_condition_tiny");
        AddNetwork(folder, "vae", "autoencoder_kl_tiny");
        AddScheduler(folder, "PNDMScheduler", ("beta_schedule", "scaled_linear"), ("beta_start", 0.00085), ("beta_end", 0.012), ("skip_prk_steps", true), ("steps_offset", 1), ("set_alpha_to_one", false), ("clip_sample", false));
        return folder;
    }

    public static string Networks => Path.Combine(GoldenFolder.Path, "networks");

    private static void Write(string path, JsonObject options, (string Option, JsonNode? Value)[] changes)
    {
        foreach (var (option, value) in changes)
            options[option] = value;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, options.ToJsonString());
    }
}
