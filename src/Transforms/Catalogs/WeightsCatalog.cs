using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Takes the weights of a trained denoiser out of a model, to other programs and back: safetensors files.</summary>
/// <remarks>A model with several denoisers is refused; each of them, taken from the chain, is a model too.</remarks>
public static class WeightsCatalog
{
    /// <summary>Saves the weights of the denoiser, F32, under the names of the network's parameters; metadata: <c>format: pt</c>, the network's kind as <c>network</c>, and the classes of its conditions.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The fitted pipeline, with a denoiser.</param>
    /// <param name="path">The file; written as a whole or not at all, so that a failure leaves an older one as it was.</param>
    /// <exception cref="ArgumentException">The model has no denoiser, or several.</exception>
    public static void SaveWeights(this DiffusionCatalog catalog, ITransformer model, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var denoiser = DenoiserSteps.Find(model).Model;
        var metadata = new Dictionary<string, string>(ClassesOfWeights.Metadata(denoiser.Spec.Conditions)) { ["format"] = "pt", ["network"] = Kinds.NameOf(denoiser.Spec.Network) };
        AtomicFile.Write(path, stream => denoiser.SaveWeights(stream, metadata));
    }

    /// <summary>A model with the weights of a file in its denoiser. They live on the device of the old ones.</summary>
    /// <remarks>The given model is left as it was. Both share all steps but the denoiser; each is disposed for itself.</remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The fitted pipeline, with a denoiser.</param>
    /// <param name="path">The file: exactly the network's parameters, as F32, BF16, F16 or F64 (rounded to nearest).</param>
    /// <param name="map">Where a file of another implementation has each parameter, such as <see cref="KnownWeightMaps.Edm"/>; under its own name where null.</param>
    /// <exception cref="ArgumentException">The model has no denoiser, or several.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, or its names, shapes or types are not the network's; lists them. Or it says that its classes are others than the model's.</exception>
    public static ITransformer LoadWeights(this DiffusionCatalog catalog, ITransformer model, string path, WeightMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var denoiser = DenoiserSteps.Find(model);
        using var stream = RegularFile.Open(path);
        try
        {
            ClassesOfWeights.Check(new SafetensorsReader(stream).Metadata, denoiser.Spec.Conditions);
            stream.Position = 0;
            var loaded = DenoiserModelLoader.Load(denoiser.Spec, stream, denoiser.Model.Device, map);
            return DenoiserSteps.Replace(model, denoiser, denoiser.WithModel(catalog.Environment, loaded));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"'{path}': {exception.Message}", exception);
        }
    }
}
