using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A batched column over points, and of how many rows its network was asked.</summary>
internal sealed class CountedColumn(ITransformer model, string column, int batch, ICollection<long> rows) : IDisposable
{
    private static readonly DataShape s_shape = new(4);

    /// <summary>The size of a full batch.</summary>
    public int Batch => batch;

    /// <summary>The column of so many points: a vector a row.</summary>
    public float[][] Read(MLContext ml, int count)
    {
        var view = model.Transform(ml.Data.LoadFromEnumerable(Point.Make(count)));
        return view.Schema[column].Type is VectorDataViewType
            ? ViewChecks.Vectors(view, column)
            : [.. view.GetColumn<float>(column).Select(value => new[] { value })];
    }

    /// <summary>For how many rows the network was asked since the last time.</summary>
    public long[] TakeCounts()
    {
        long[] counts = [.. rows];
        rows.Clear();
        return counts;
    }

    public void Dispose() => (model as IDisposable)?.Dispose();

    public static CountedColumn Denoised(MLContext ml, bool dependsOnRows)
    {
        var denoiser = new CountingDenoiser(dependsOnRows);
        return new(denoiser.Model(ml, new()), "Denoised", 16, denoiser.Counts);
    }

    public static CountedColumn LogLikelihood(MLContext ml, bool dependsOnRows)
    {
        var denoiser = new CountingDenoiser(dependsOnRows);
        var likelihood = ml.Diffusion().Transforms.LogLikelihood("Score", "X", new() { BatchSize = 16 });
        return new(denoiser.Model(ml, new(), likelihood), "Score", 16, denoiser.Counts);
    }

    public static CountedColumn Classifier(MLContext ml, bool dependsOnRows)
    {
        var classifier = new CountingClassifier(dependsOnRows);
        var model = new ClassifierTransformer(ml, new(classifier, Spec, new("X", "XNoised", "XLevel", "Label")));
        return new(model, "Score", 64, classifier.Counts);
    }

    public static CountedColumn DataEmbedding(MLContext ml, bool dependsOnRows)
    {
        var encoder = new CountingEncoder(dependsOnRows);
        return new(Pair(ml, encoder, new CountingNetwork(false)), "DataEmbedding", 64, encoder.Counts);
    }

    public static CountedColumn ConditionEmbedding(MLContext ml, bool dependsOnRows)
    {
        var network = new CountingNetwork(dependsOnRows);
        return new(Pair(ml, new CountingEncoder(false), network), "ConditionEmbedding", 64, network.Counts);
    }

    public static CountedColumn Decoder(MLContext ml, bool dependsOnRows)
    {
        var autoencoder = new CountingAutoencoder(dependsOnRows);
        var shape = new DataShape(1, 2, 2);
        var parameters = FlatParameters.Create(autoencoder.ListParameters(shape), 1, CPU, Precision.Float32, trainable: false);
        var model = new AutoencoderModel(autoencoder, shape, parameters);
        return new(new LatentDecoderTransformer(ml, model, new PixelCodec(), "X", "Picture"), "Picture", 16, autoencoder.Counts);
    }

    private static NoisyDataSpec Spec { get; } = new(new GaussianProcess(KnownSchedules.Edm), new PixelCodec(), s_shape);

    private static ContrastiveTransformer Pair(MLContext ml, IEncoder data, Network conditions)
    {
        var layout = new ConditionLayout([new VectorCondition("X", 4)]);
        var shape = new DataShape(1);
        var parameters = FlatParameters.Create(conditions.ListParameters(shape, layout), 1, CPU, Precision.Float32, trainable: false);
        var encoder = new TrainedConditionEncoder(new TrainedNetwork(conditions, shape, layout, parameters));
        return new ContrastiveTransformer(ml, new(data, encoder, 1, Spec, new("X", "XNoised", "XLevel", ["X"])));
    }
}
