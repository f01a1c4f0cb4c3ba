using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Writes a model as a folder of diffusers.</summary>
internal static class DiffusersWriter
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    /// <summary>Writes the folder beside its place, and renames it when it is whole.</summary>
    /// <param name="model">The fitted pipeline, with one denoiser.</param>
    /// <param name="folder">The folder; there must be none, or an empty one.</param>
    public static void Write(ITransformer model, string folder) => AtomicFolder.Write(folder, Describe(model));

    // All that can be refused is refused here, before anything is written.
    private static List<(string File, Action<Stream> Write)> Describe(ITransformer model)
    {
        var steps = ScoringSteps.Of(model);
        var denoiser = DenoiserSteps.Find(model).Model;
        var spec = denoiser.Spec;
        if (steps.OfType<GuidanceTransformer>().Any())
            throw new NotSupportedException("Guidance is not saved: folders of diffusers have no place for it. Save the model without it, and set GuidanceScale where it is loaded.");
        if (spec.Process is not GaussianProcess)
            throw new NotSupportedException($"Models of {spec.Process.GetType().Name} are not saved as folders of diffusers, which know Gaussian noise: train with d.Transforms.NoiseSchedule. The weights alone are saved by SaveWeights.");
        var network = DiffusersNetworks.Write(spec.Network, spec.Shape, spec.Conditions);
        var sampling = One<SamplerTransformer>(steps, "samplers")?.Settings;
        var scheduler = SchedulerConfig.Write(spec.Process.Schedule, spec.Parameterization, spec.LevelInput ?? KnownLevelInputs.LogRatio, sampling?.Solver, sampling?.Spacing, sampling?.Clip, sampling?.Steps);
        var decoder = One<LatentDecoderTransformer>(steps, "decoders of latents");
        var index = new JsonObject { ["_class_name"] = Pipeline(network, decoder), [Part(spec.Network)] = Component(network), ["scheduler"] = Component(scheduler) };
        List<(string, Action<Stream>)> files =
        [
            (Path.Combine(Part(spec.Network), DiffusersFolder.ConfigName), Json(network)),
            (Path.Combine(Part(spec.Network), DiffusersFolder.WeightsName), stream => denoiser.SaveWeights(stream, Metadata)),
            (Path.Combine("scheduler", DiffusersFolder.SchedulerName), Json(scheduler)),
        ];
        if (decoder is not null)
        {
            string part = decoder.Model.Autoencoder is VqAutoencoder ? "vqvae" : "vae";
            var autoencoder = AutoencoderConfig.Write(decoder.Model.Autoencoder, decoder.Model.Shape);
            index[part] = Component(autoencoder);
            files.Add((Path.Combine(part, DiffusersFolder.ConfigName), Json(autoencoder)));
            files.Add((Path.Combine(part, DiffusersFolder.WeightsName), stream => decoder.Model.Parameters.SaveSafetensors(stream, metadata: Metadata)));
        }
        files.Add((DiffusersFolder.IndexName, Json(index)));
        return files;
    }

    private static TStep? One<TStep>(IEnumerable<ITransformer> steps, string what)
        where TStep : class
        => steps.OfType<TStep>().ToArray() is var found && found.Length <= 1 ? found.FirstOrDefault()
            : throw new NotSupportedException($"The model has {found.Length} {what}, and a folder of diffusers has a place for one: save a chain with the one that is meant.");

    private static string Part(Network network) => DiffusersNetworks.PartOf(network);

    private static string Pipeline(JsonObject network, LatentDecoderTransformer? decoder) => (ClassOf(network), decoder) switch
    {
        (UNetConfig.Unconditional, null) => "DDPMPipeline",
        (UNetConfig.Unconditional, _) => "LDMPipeline",
        (DiTConfig.General, _) => "DiTPipeline",
        _ => "DiffusionPipeline",
    };

    private static JsonArray Component(JsonObject part) => ["diffusers", ClassOf(part)];

    private static string ClassOf(JsonObject part) => part["_class_name"]!.GetValue<string>();

    private static Action<Stream> Json(JsonObject options) => stream => JsonSerializer.Serialize(stream, options, Indented);
}
