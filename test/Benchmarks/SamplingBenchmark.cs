using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>One network call as sampling makes it, against the same network as plain modules called in one scope without gradients.</summary>
internal sealed class SamplingBenchmark : IBenchmark
{
    public string Name => "sampling";

    public string Description => "one network call of the library against plain TorchSharp modules, both Float32";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture) : 60;
        using var pair = new NetworkPair(Precision.Float32, trainable: false);
        var figures = new Dictionary<string, double>();
        foreach (int batch in new[] { 16, 1 })
        {
            Console.WriteLine($"batch {batch}");
            using var x = pair.Pictures(batch);
            using var packed = NetworkPair.Labels(batch);
            var condition = new Conditioning(pair.Layout, packed);
            using var label = packed.select(1, 0).to(ScalarType.Int64);
            NoiseLevels levels = NoiseLevel.FromRatio(0.7);
            using var level = full(batch, (float)KnownLevelInputs.LogRatio.Of(levels[0]));
            double scale = pair.Library.Parameterization.At(levels[0]).In;
            Check(pair, x, levels, condition, level, label, scale);
            figures[$"batch{batch}_ratio"] = new Interleaved()
                .Add("plain modules", () =>
                {
                    using var scope = NewDisposeScope();
                    using var noGrad = no_grad();
                    pair.Baseline.call(x * scale, level, label);
                })
                .Add("library", () =>
                {
                    using var noGrad = no_grad();
                    using var answer = pair.Library.Answer(x, levels, condition);
                })
                .Run(rounds)["library"];
        }
        return figures;
    }

    private static void Check(NetworkPair pair, Tensor x, NoiseLevels levels, Conditioning condition, Tensor level, Tensor label, double scale)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        double difference = (pair.Library.Answer(x, levels, condition) - pair.Baseline.call(x * scale, level, label)).abs().max().item<float>();
        Console.WriteLine($"  largest difference between the answers {difference:e1}");
        if (!(difference < 1e-4))
            throw new InvalidOperationException($"The baseline is not the same network: the answers differ by {difference}.");
    }
}
