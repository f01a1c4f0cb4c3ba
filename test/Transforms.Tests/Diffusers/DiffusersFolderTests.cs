using System.Text.Json.Nodes;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Folders of diffusers as they lie around.</summary>
[TestClass]
public sealed class DiffusersFolderTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];

    public DiffusersFolderTests() => _ml.Log += (_, line) => _log.Add(line.Message);

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Fit_ShardsOfAVariant_TheSameNetwork()
    {
        string folder = TinyFolder.Unconditional(_folder), part = Path.Combine(folder, "unet"), whole = Path.Combine(part, TinyFolder.WeightsName);
        var expected = Sample(folder);
        var map = new JsonObject();
        using (var file = SafetensorsFile.Open(whole))
        {
            for (int shard = 0; shard < 2; shard++)
            {
                using var scope = NewDisposeScope();
                string name = $"diffusion_pytorch_model.fp16-0000{shard + 1}-of-00002.safetensors";
                var tensors = file.Entries.Where((_, i) => i % 2 == shard).ToDictionary(entry => entry.Name, entry => file.Read(entry.Name));
                foreach (string tensor in tensors.Keys)
                    map[tensor] = name;
                SafetensorsFile.Save(Path.Combine(part, name), tensors);
            }
        }
        File.Move(whole, Path.Combine(part, "diffusion_pytorch_model.non_ema.safetensors"));
        File.WriteAllText(Path.Combine(part, "diffusion_pytorch_model.safetensors.index.fp16.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        // Two kinds of weights: both are named.
        string message = Assert.ThrowsExactly<FileNotFoundException>(() => Sample(folder)).Message;
        Assert.Contains("diffusion_pytorch_model.non_ema.safetensors, diffusion_pytorch_model.safetensors.index.fp16.json", message);
        File.Delete(Path.Combine(part, "diffusion_pytorch_model.non_ema.safetensors"));
        Assert.AreSequenceEqual(expected, Sample(folder));
    }

    [TestMethod]
    public void Fit_FilesThatSystemsPutBeside_ArePassedOver()
    {
        string folder = TinyFolder.Unconditional(_folder), part = Path.Combine(folder, "unet");
        var expected = Sample(folder);
        File.Move(Path.Combine(part, TinyFolder.WeightsName), Path.Combine(part, "diffusion_pytorch_model.fp16.safetensors"));
        File.WriteAllBytes(Path.Combine(part, "._diffusion_pytorch_model.fp16.safetensors"), [0, 5, 22, 7]);
        Directory.CreateDirectory(Path.Combine(folder, ".cache"));
        _log.Clear();
        Assert.AreSequenceEqual(expected, Sample(folder));
        Assert.DoesNotContain(line => line.Contains(".cache", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    public void Fit_ConfigOfAMovingAverage_TheSameNetwork()
    {
        var expected = Sample(TinyFolder.Unconditional(_folder));
        string folder = TinyFolder.Unconditional(_folder, "ema");
        Directory.Delete(Path.Combine(folder, "unet"), recursive: true);
        TinyFolder.AddNetwork(folder, "unet", "unet2d_tiny", ("decay", 0.9999), ("inv_gamma", 1.0), ("min_decay", 0.0), ("optimization_step", 100000), ("power", 0.667), ("update_after_step", 0), ("use_ema_warmup", true));
        Assert.AreSequenceEqual(expected, Sample(folder));
    }

    [TestMethod]
    public void LoadAndSave_PathThatEndsInASlash_IsTheFolder()
    {
        string folder = TinyFolder.Unconditional(_folder), saved = Path.Combine(_folder.Root, "saved");
        var expected = Sample(folder);
        Assert.AreSequenceEqual(expected, Sample(folder + "/"));
        _ml.Diffusion().SaveDiffusers(Fit(folder), saved + "/");
        Assert.AreSequenceEqual(expected, Sample(saved));
        Assert.HasCount(2, Directory.GetFileSystemEntries(_folder.Root), "the two folders, and nothing half-written");
    }

    [TestMethod]
    public void Fit_PartsThatAreNotRead_AreNamedInTheLog()
    {
        string folder = TinyFolder.Unconditional(_folder);
        Directory.CreateDirectory(Path.Combine(folder, "text_encoder"));
        Directory.CreateDirectory(Path.Combine(folder, "tokenizer"));
        Sample(folder);
        Assert.Contains(line => line.Contains("these parts are not read: text_encoder, tokenizer", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    public void Fit_OptionsThatTheClassDoesNotHave_AreDroppedWithAWarning()
    {
        string folder = TinyFolder.Unconditional(_folder);
        var expected = Sample(folder);
        Assert.DoesNotContain(line => line.Contains("dropped", StringComparison.Ordinal), _log);
        TinyFolder.AddScheduler(folder, "DDIMScheduler", ("use_karras_sigmas", true), ("skip_prk_steps", true));
        Assert.AreSequenceEqual(expected, Sample(folder));
        Assert.Contains(line => line.Contains("has no options use_karras_sigmas, skip_prk_steps: they are dropped", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    public void Fit_InfinityAsPythonWritesIt_IsRead()
    {
        string folder = TinyFolder.Unconditional(_folder);
        TinyFolder.AddScheduler(folder, "DPMSolverMultistepScheduler");
        var expected = Sample(folder);
        File.WriteAllText(Path.Combine(folder, "scheduler", "scheduler_config.json"), """{"_class_name": "DPMSolverMultistepScheduler", "_name": "a \"-Infinity\" b", "lambda_min_clipped": -Infinity}""");
        Assert.AreSequenceEqual(expected, Sample(folder));
        File.WriteAllText(Path.Combine(folder, "scheduler", "scheduler_config.json"), """{"_class_name": "DPMSolverMultistepScheduler", "flow_shift": NaN}""");
        Assert.Contains("flow_shift must be a finite number above 0, got \"NaN\"", Assert.ThrowsExactly<NotSupportedException>(() => Sample(folder)).Message);
    }

    [TestMethod]
    public void Transform_ClippingDdim_IsSavedAndLoadedAsItIs()
    {
        string folder = TinyFolder.Unconditional(_folder);
        var model = Fit(folder);
        var rows = _ml.Diffusion().Data.Rows(2);
        ViewChecks.SameValues(model.Transform(rows), EstimatorChecks.Reload(_ml, model, rows.Schema).Transform(rows));
        _ml.Diffusion().SaveDiffusers(model, folder + "2");
        Assert.AreSequenceEqual(Sample(folder), Sample(folder + "2"));
    }

    private ITransformer Fit(string folder) => _ml.Diffusion().Transforms.LoadDiffusers(folder, options: new() { Steps = 3 }).Fit(_ml.Diffusion().Data.Rows(1));

    private float[] Sample(string folder)
    {
        var model = Fit(folder);
        try
        {
            return ViewChecks.Vectors(model.Transform(_ml.Diffusion().Data.Rows(1)), "Sample")[0];
        }
        finally
        {
            (model as IDisposable)?.Dispose();
        }
    }
}
