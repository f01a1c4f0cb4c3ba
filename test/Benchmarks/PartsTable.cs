using System.Diagnostics;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// Where a batch in as many parts as there are threads is faster than a whole one, alone: the evidence for <see cref="BatchParts.Paying"/>. The smallest times are compared, which other programs
/// disturb least.
/// </summary>
internal static class PartsTable
{
    private static readonly (string Name, Network Network, DataShape Shape, int Batch)[] s_cases =
    [
        ("perceptron, 16 wide", new ResidualMlp { Width = 16, Blocks = 1 }, new DataShape(2), 64),
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

    /// <summary>Prints the table; returns the largest ratio of those cases that Fit computes in parts.</summary>
    /// <param name="seconds">How long each case is measured.</param>
    public static IReadOnlyDictionary<string, double> Run(double seconds)
    {
        int threads = get_num_threads();
        double worst = 0;
        Console.WriteLine($"  {"",-26} {"batch",5} {"Mproducts/part",14} {"of a parameter",14} {"Fit takes",9} {"whole ms",9} {"parts ms",9} {"ratio",6}");
        foreach (var (name, network, shape, batch) in s_cases)
        {
            var task = LibraryTraining.Task(network, shape, ConditionLayout.Empty, CPU, Precision.Float32);
            var options = new DenoiserTrainer.Options { BatchSize = batch };
            using var data = TrainingData.Create(shape.Size, ConditionLayout.Empty);
            using var whole = new LibraryTraining(task, data, options, 1e-4, parts: 1);
            using var parts = new LibraryTraining(task, data, options, 1e-4, parts: threads);
            double ofWhole = double.PositiveInfinity, ofParts = double.PositiveInfinity;
            whole.Step();
            parts.Step();
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
            {
                ofWhole = Math.Min(ofWhole, Milliseconds(whole.Step));
                ofParts = Math.Min(ofParts, Milliseconds(parts.Step));
            }
            long products = network.ProductsOfRow(shape, ConditionLayout.Empty);
            double ofPart = (double)products * batch / threads;
            int taken = BatchParts.Paying(batch, threads, products, whole.ParameterCount);
            if (taken > 1)
                worst = Math.Max(worst, ofParts / ofWhole);
            Console.WriteLine(FormattableString.Invariant(
                $"  {name,-26} {batch,5} {ofPart / 1e6,14:0.0} {ofPart / whole.ParameterCount,14:0} {taken,9} {ofWhole,9:0.00} {ofParts,9:0.00} {ofParts / ofWhole,6:0.00}"));
        }
        return new Dictionary<string, double> { ["worst_of_those_in_parts"] = worst };
    }

    private static double Milliseconds(Action step)
    {
        long start = Stopwatch.GetTimestamp();
        step();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
