using System.Diagnostics;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// What a step costs alone, on a quiet machine: with threads that share each operation, on one thread, in a part for each thread, and as Fit takes it. The evidence for <see cref="BatchParts"/>. The smallest
/// times are compared, which other programs disturb least.
/// </summary>
internal static class PartsTable
{
    private static readonly (string Name, Network Network, DataShape Shape, int Batch)[] s_cases =
    [
        ("perceptron, 16 wide", new ResidualMlp { Width = 16, Blocks = 1 }, new DataShape(2), 64),
        ("perceptron, 64 wide", new ResidualMlp { Width = 64, Blocks = 2 }, new DataShape(12), 256),
        ("perceptron, 128 wide", new ResidualMlp { Width = 128, Blocks = 2 }, new DataShape(12), 256),
        ("perceptron", new ResidualMlp(), new DataShape(2), 16),
        ("perceptron", new ResidualMlp(), new DataShape(2), 64),
        ("perceptron", new ResidualMlp(), new DataShape(2), 256),
        ("perceptron", new ResidualMlp(), new DataShape(2), 1024),
        ("U-Net, 8 channels, 8×8", new UNet { Channels = 8, HeadChannels = 8 }, new DataShape(1, 8, 8), 64),
        ("small U-Net, 16×16", UNet.Small, new DataShape(3, 16, 16), 16),
        ("small U-Net, 16×16", UNet.Small, new DataShape(3, 16, 16), 64),
        ("small U-Net, 28×28", UNet.Small, new DataShape(1, 28, 28), 16),
        ("small U-Net, 28×28", UNet.Small, new DataShape(1, 28, 28), 64),
        ("small DiT, 16×16", DiT.Small, new DataShape(3, 16, 16), 16),
        ("small DiT, 16×16", DiT.Small, new DataShape(3, 16, 16), 64),
    ];

    /// <summary>Prints the table; returns the largest ratio of what Fit takes to threads that share each operation.</summary>
    /// <param name="seconds">How long each case is measured.</param>
    public static IReadOnlyDictionary<string, double> Run(double seconds)
    {
        int threads = get_num_threads();
        double worst = 0;
        Console.WriteLine($"  {"",-26} {"batch",5} {"Mproducts",9} {"of a parameter",14} {"shared ms",9} {"one ms",9} {"parts ms",9} {"Fit takes",9} {"ratio",6}");
        foreach (var (name, network, shape, batch) in s_cases)
        {
            var task = LibraryTraining.Task(network, shape, ConditionLayout.Empty, CPU, Precision.Float32);
            var options = new DenoiserTrainer.Options { BatchSize = batch };
            using var data = TrainingData.Create(shape.Size, ConditionLayout.Empty);
            using var shared = new LibraryTraining(task, data, options, 1e-4, parts: 1, alone: false);
            using var one = new LibraryTraining(task, data, options, 1e-4, parts: 1, alone: true);
            using var parts = new LibraryTraining(task, data, options, 1e-4, parts: threads, alone: true);
            using var fit = new LibraryTraining(task, data, options, 1e-4);
            double[] best = Best(seconds, shared.Step, one.Step, parts.Step, fit.Step);
            double products = (double)network.ProductsOfRow(shape, ConditionLayout.Empty) * batch;
            worst = Math.Max(worst, best[3] / best[0]);
            Console.WriteLine(FormattableString.Invariant(
                $"  {name,-26} {batch,5} {products / 1e6,9:0.0} {products / fit.ParameterCount,14:0} {best[0],9:0.00} {best[1],9:0.00} {best[2],9:0.00} {best[3],9:0.00} {best[3] / best[0],6:0.00}"));
        }
        return new Dictionary<string, double> { ["worst_ratio"] = worst };
    }

    private static double[] Best(double seconds, params Action[] steps)
    {
        double[] best = [.. steps.Select(_ => double.PositiveInfinity)];
        foreach (var step in steps)
            step();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
            for (int i = 0; i < steps.Length; i++)
            {
                long begin = Stopwatch.GetTimestamp();
                steps[i]();
                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }
        return best;
    }
}
