using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>What a network call of sampling costs alone, and beside a process that keeps a processor busy: as the library computes it, and with threads that share each operation.</summary>
internal static class SamplingContention
{
    private static readonly (string Name, Network Network, DataShape Shape, int Batch)[] s_cases =
    [
        ("U-Net, 28×28", NetworkPair.Network, new DataShape(1, 28, 28), 1),
        ("U-Net, 28×28", NetworkPair.Network, new DataShape(1, 28, 28), 16),
        ("U-Net, 28×28", NetworkPair.Network, new DataShape(1, 28, 28), 64),
        ("small U-Net, 16×16", UNet.Small, new DataShape(3, 16, 16), 1),
        ("small U-Net, 16×16", UNet.Small, new DataShape(3, 16, 16), 16),
        ("small DiT, 16×16", DiT.Small, new DataShape(3, 16, 16), 16),
        ("perceptron", new ResidualMlp(), new DataShape(12), 16),
        ("perceptron", new ResidualMlp(), new DataShape(12), 64),
        ("perceptron", new ResidualMlp(), new DataShape(12), 256),
        ("perceptron, 64 wide", new ResidualMlp { Width = 64, Blocks = 2 }, new DataShape(12), 16),
        ("perceptron, 64 wide", new ResidualMlp { Width = 64, Blocks = 2 }, new DataShape(12), 256),
    ];

    /// <summary>Prints the table; returns the worst ratios.</summary>
    /// <param name="rounds">The number of rounds of each case.</param>
    public static IReadOnlyDictionary<string, double> Run(int rounds)
    {
        using var busy = new OtherProcess("contention", ContentionBenchmark.Busy);
        double alone = 0, besides = 0;
        foreach (var (name, network, shape, batch) in s_cases)
        {
            var layout = ConditionLayout.Empty;
            using var trained = new TrainedNetwork(network, shape, layout, Parameters(network, shape, layout));
            using var x = randn(shape.Batch(batch));
            float[] levels = [.. Enumerable.Repeat(0.7f, batch)];
            using var noGrad = no_grad();
            string agreement = Agree(trained, x, levels) ? "same bits" : "other bits";
            long products = network.ProductsOfRow(shape, layout) * batch;
            Console.WriteLine(FormattableString.Invariant($"{name}, batch {batch}: {products / 1e6:0.0} million products, {products / trained.Parameters.Count} for each parameter; {WorkParts.Paying(batch, get_num_threads(), products, trained.Parameters.Count)} parts, {agreement}"));
            // Threads that have shared an operation wait spinning for some milliseconds, which the next action must not pay for.
            int calls = (int)Math.Clamp(2e10 / products, 4, 2000);
            Action divided = Repeat(calls, () => trained.Answer(x, levels, Conditioning.None).Dispose());
            Action whole = Repeat(calls, () => trained.AnswerWhole(x, levels, Conditioning.None, null, null, Precision.Float32).Dispose());
            var ratios = new Interleaved().Add("shared, alone", whole).Add("library, alone", divided).Add("library, beside a busy process", busy.Beside(divided)).Add("shared, beside a busy process", busy.Beside(whole))
                .Run(rounds, warmUps: 2);
            alone = Math.Max(alone, ratios["library, alone"]);
            besides = Math.Max(besides, ratios["library, beside a busy process"] / ratios["shared, beside a busy process"]);
        }
        return new Dictionary<string, double> { ["worst_alone_ratio"] = alone, ["worst_busy_ratio_of_shared"] = besides };
    }

    // An untrained network's last layer is zero: nothing would be compared.
    private static FlatParameters Parameters(Network network, DataShape shape, ConditionLayout layout)
    {
        var parameters = FlatParameters.Create(network.ListParameters(shape, layout), 1, CPU, Precision.Float32, trainable: false);
        using var noGrad = no_grad();
        using var noise = randn_like(parameters.Master).mul_(0.02);
        parameters.Master.add_(noise);
        parameters.PublishWeights();
        return parameters;
    }

    private static bool Agree(TrainedNetwork trained, Tensor x, float[] levels)
    {
        Tensor? last = null;
        for (int call = 0; call < 4; call++)
        {
            last?.Dispose();
            last = trained.Answer(x, levels, Conditioning.None);
        }
        using var whole = trained.AnswerWhole(x, levels, Conditioning.None, null, null, Precision.Float32);
        using (last)
            return whole.bytes.SequenceEqual(last!.bytes);
    }

    private static Action Repeat(int calls, Action call) => () =>
    {
        for (int i = 0; i < calls; i++)
            call();
    };
}
