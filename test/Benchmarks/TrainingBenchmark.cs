using System.Globalization;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// One training step, and what follows the gradient alone, against the same network as plain modules with TorchSharp's AdamW, its
/// gradient clipping and a moving average tensor by tensor.
/// </summary>
internal sealed class TrainingBenchmark : IBenchmark
{
    private const int Batch = 32;
    private const double LearningRate = 1e-4;

    public string Name => "training";

    public string Description => $"one training step at batch {Batch} against plain TorchSharp modules in Float32";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        if (arguments is [TrainingProbe.Argument, var probe])
        {
            TrainingProbe.Run(probe);
            return new Dictionary<string, double>();
        }
        if (arguments.Contains("--device") || arguments.Contains("--network"))
            return DeviceTraining.Run(Options(arguments));
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 40;
        using var pair = new NetworkPair(Precision.Float32, trainable: false);
        using var data = TrainingData.Create(pair.Shape.Size, pair.Layout);
        using var baseline = pair.TrainBaseline(Batch, LearningRate);
        var options = new DenoiserTrainer.Options { BatchSize = Batch };
        using var single = new LibraryTraining(pair, data, options, Precision.Float32, LearningRate);
        using var half = Precision.BFloat16.IsSupported(CPU, out string? reason) ? new LibraryTraining(pair, data, options, Precision.BFloat16, LearningRate) : null;
        if (half is null)
            Console.WriteLine($"  no bf16 here: {reason}");

        var steps = new Interleaved().Add("plain modules, Float32", baseline.Step).Add("library, Float32", single.Step).Add("library, making a batch", single.MakeBatch);
        if (half is not null)
            steps.Add("library, bf16", half.Step);
        var stepRatios = steps.Run(rounds);
        Console.WriteLine("clipping, optimizer and moving average");
        var updateRatios = new Interleaved().Add("plain modules", baseline.Update).Add("library", single.Update).Run(5 * rounds);

        var figures = new Dictionary<string, double> { ["step_ratio_fp32"] = stepRatios["library, Float32"] };
        if (half is not null)
            figures["step_ratio_bf16"] = stepRatios["library, bf16"];
        figures["optimizer_ratio"] = updateRatios["library"];
        // What steps wait for, and, should it take its time from them, what making a batch beside them can cost at most.
        figures["loading_share"] = single.Spent.Waiting / single.Spent.All;
        figures["loading_cost"] = stepRatios["library, making a batch"] / stepRatios["library, Float32"];
        AddProbes(figures);
        return figures;
    }

    private static void AddProbes(Dictionary<string, double> figures)
    {
        double baseline = TrainingProbe.Ask(TrainingProbe.Baseline), single = TrainingProbe.Ask(TrainingProbe.Float32), half = TrainingProbe.Ask(TrainingProbe.BFloat16);
        Console.WriteLine(FormattableString.Invariant($"peak memory above idle: plain modules {baseline:n0} MiB, library in Float32 {single:n0} MiB, in bf16 {half:n0} MiB"));
        figures["memory_ratio_fp32"] = single / baseline;
        figures["memory_ratio"] = half / baseline;
        figures["first_step_seconds"] = TrainingProbe.Ask(TrainingProbe.FirstStep);
    }

    // --name value --name value
    private static Dictionary<string, string> Options(string[] arguments)
    {
        if (arguments.Length % 2 != 0 || arguments.Where((argument, i) => i % 2 == 0 && argument is not ("--device" or "--network")).Any())
            throw new ArgumentException($"Expected --device cpu|cuda and --network cifar|small, got {string.Join(' ', arguments)}.");
        return arguments.Chunk(2).ToDictionary(pair => pair[0][2..], pair => pair[1]);
    }
}
