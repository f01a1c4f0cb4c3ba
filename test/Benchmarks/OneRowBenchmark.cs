using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>What a Transform of one row costs, of a full batch's, for each kind of column that asks a network.</summary>
internal sealed class OneRowBenchmark : IBenchmark
{
    private const int Steps = 5;

    private readonly MLContext _ml = new(1);

    public string Name => "one-row";

    public string Description => "Transform of one row against a full batch: samples, denoised data, log-likelihoods, classes, embeddings and decoded latents";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 9;
        FastConvolutions.Ensure();
        var figures = new Dictionary<string, double>();
        var d = _ml.Diffusion();
        var data = Pictures(64);
        using var disposables = new Disposables();
        var prepared = disposables.Add(_ml.Transforms.Conversion.MapValueToKey("Label").Append(d.Transforms.NoiseSchedule("Pixels")).Fit(data));
        var noised = prepared.Transform(data);
        var likelihood = new LogLikelihoodOptions { Stepping = new() { RelativeTolerance = 0.5, AbsoluteTolerance = 1 } };
        var samples = disposables.Add(d.Trainers.Denoiser("Pixels", options: new() { Network = UNet.Small, Steps = 2, BatchSize = 8, Precision = Precision.Float32 })
            .Append(d.Transforms.Sampler("Sample", new() { Steps = Steps, BatchSize = 16 }))
            .Append(d.Transforms.LogLikelihood("LogLikelihood", "Pixels", new() { BatchSize = 16, Likelihood = likelihood })).Fit(noised));
        var classes = disposables.Add(d.Trainers.NoisyClassifier("Pixels", "Label", new() { Steps = 2, BatchSize = 8, Precision = Precision.Float32 }).Fit(noised));
        var pair = disposables.Add(d.Trainers.Contrastive("Pixels", "Label", new() { Steps = 2, BatchSize = 8, Precision = Precision.Float32 }).Fit(noised));
        var decoder = disposables.Add(Decoder());
        foreach (var (key, column, model, batch) in new (string, string, ITransformer, int)[]
        {
            ("sample_ratio", "Sample", samples, 16),
            ("denoised_ratio", "Denoised", samples, 16),
            ("likelihood_ratio", "LogLikelihood", samples, 16),
            ("score_ratio", "Score", classes, 64),
            ("data_embedding_ratio", "DataEmbedding", pair, 64),
            ("condition_embedding_ratio", "ConditionEmbedding", pair, 64),
            ("decoder_ratio", "Decoded", decoder, 16),
        })
            figures[key] = Ratio(column, batch, rows => model.Transform(prepared.Transform(Pictures(rows))), rounds);
        return figures;
    }

    private static double Ratio(string column, int batch, Func<int, IDataView> transform, int rounds)
    {
        IDataView all = transform(batch), one = transform(1);
        return new Interleaved()
            .Add($"{column}, {batch} rows", () => Read(all, column))
            .Add($"{column}, a row", () => Read(one, column))
            .Run(rounds)[$"{column}, a row"];
    }

    private static void Read(IDataView view, string name)
    {
        var column = view.Schema[name];
        using var cursor = view.GetRowCursor([column]);
        if (column.Type is VectorDataViewType)
            ReadAll(cursor, cursor.GetGetter<VBuffer<float>>(column));
        else
            ReadAll(cursor, cursor.GetGetter<float>(column));
    }

    private static void ReadAll<T>(DataViewRowCursor cursor, ValueGetter<T> getter)
    {
        T value = default!;
        while (cursor.MoveNext())
            getter(ref value);
    }

    // Sizes as a small latent diffusion model has them: 28 × 28 pixels out of 4 × 14 × 14 latents. The pictures' numbers stand for latents.
    private LatentDecoderTransformer Decoder()
    {
        var autoencoder = new KlAutoencoder { Channels = [32, 64], LatentChannels = 4 };
        var shape = new DataShape(1, 28, 28);
        var parameters = FlatParameters.Create(autoencoder.ListParameters(shape), 1, CPU, Precision.Float32, trainable: false);
        return new LatentDecoderTransformer(_ml, new AutoencoderModel(autoencoder, shape, parameters), new PixelCodec(), "Latents", "Decoded");
    }

    private IDataView Pictures(int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(row => new PictureRow(row)).ToArray());

    private sealed class Disposables : IDisposable
    {
        private readonly List<IDisposable> _all = [];

        public T Add<T>(T item)
        {
            if (item is IDisposable disposable)
                _all.Add(disposable);
            return item;
        }

        public void Dispose() => _all.ForEach(item => item.Dispose());
    }

    private sealed class PictureRow(int row)
    {
        public PictureRow()
            : this(0)
        {
        }

        [VectorType(1, 28, 28)]
        public float[] Pixels { get; set; } = [.. Enumerable.Range(0, 784).Select(i => (float)((i * (row + 1)) % 256))];

        [VectorType(4, 14, 14)]
        public float[] Latents { get; set; } = [.. Enumerable.Range(0, 784).Select(i => MathF.Sin(i + row))];

        public string Label { get; set; } = (row % 3).ToString(CultureInfo.InvariantCulture);
    }
}
