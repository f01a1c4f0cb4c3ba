using Microsoft.ML.Diffusion.Trainers;
using Microsoft.ML.Diffusion.Transforms;
using TorchSharp;

namespace Microsoft.ML.Diffusion;

/// <summary>Makes averages of weights after training.</summary>
public static class AverageCatalog
{
    /// <summary>
    /// A model with the average of another length in its denoiser, made of those that training stored (<see cref="AverageSnapshots"/>; Karras et al. 2024, arXiv:2312.02696, section 3.2).
    /// </summary>
    /// <remarks>
    /// Reads each snapshot once, one at a time. The given model is left as it was. Both share all steps but the denoiser, so dispose either only when neither is in use any more.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The fitted pipeline, with a denoiser.</param>
    /// <param name="folder">The folder of the snapshots.</param>
    /// <param name="length">σ_rel of the average, in (0, 0.288]; not far below the stored lengths, which reach down to the shortest.</param>
    /// <param name="step">The step after which the average would have been taken, at least 1; that of the newest snapshot unless given.</param>
    /// <exception cref="ArgumentException">The model has no denoiser, or several.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length or the step is out of its range.</exception>
    /// <exception cref="InvalidDataException">A snapshot is malformed, or its parameters are not the network's; or there is none.</exception>
    public static ITransformer ReconstructAverage(this DiffusionCatalog catalog, ITransformer model, string folder, double length, long? step = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _ = new PowerFunctionAverage(length);
        if (step < 1)
            throw new ArgumentOutOfRangeException(nameof(step), step, "The step must be at least 1.");
        var denoiser = DenoiserSteps.Find(model);
        var files = SnapshotFolder.Files(folder);
        if (files.Length == 0)
            throw new InvalidDataException($"The folder '{folder}' holds no averages.");
        var stored = files.Select(path => Read(path, stream => SnapshotFolder.Describe(new SafetensorsReader(stream).Metadata))).ToArray();
        double[] weights = PostHocAverage.Weights(stored, step ?? stored.Max(average => average.Step), length);
        var spec = denoiser.Spec;
        var parameters = Combine(spec.Network.ListParameters(spec.Shape, spec.Conditions), files, weights, denoiser.Model.Device);
        var combined = new NetworkDenoiser(spec.Network, spec.Shape, spec.Parameterization, parameters, spec.Conditions, spec.LevelInput);
        return DenoiserSteps.Replace(model, denoiser, denoiser.WithModel(catalog.Environment, new DenoiserModel(spec, combined)));
    }

    // Weights of either sign and far above 1 cancel each other: summed in Float64.
    private static FlatParameters Combine(IReadOnlyList<NetworkParameter> inventory, string[] files, double[] weights, torch.Device device)
    {
        using var off = torch.no_grad();
        var sums = inventory.Select(parameter => new double[parameter.Count]).ToArray();
        for (int file = 0; file < files.Length; file++)
        {
            using var average = Read(files[file], stream => SafetensorsParameters.Load(stream, inventory, torch.CPU, Precision.Float32));
            for (int i = 0; i < inventory.Count; i++)
            {
                var values = new float[inventory[i].Count];
                average.Read(i, values);
                for (int k = 0; k < values.Length; k++)
                    sums[i][k] += weights[file] * values[k];
            }
        }
        var parameters = FlatParameters.Allocate(inventory, device, Precision.Float32, trainable: false);
        for (int i = 0; i < inventory.Count; i++)
            parameters.Write(i, [.. sums[i].Select(value => (float)value)]);
        parameters.PublishWeights();
        return parameters;
    }

    private static T Read<T>(string path, Func<Stream, T> read)
    {
        using var stream = RegularFile.Open(path);
        try
        {
            return read(stream);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"'{path}': {exception.Message}", exception);
        }
    }
}
