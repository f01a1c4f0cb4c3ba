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
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 40;
        using var pair = new NetworkPair(Precision.Float32, trainable: false);
        using var data = Pictures(pair.Shape.Size);
        using var baseline = new BaselineTraining(pair.Baseline, Batch, LearningRate);
        var options = new DenoiserTrainer.Options { BatchSize = Batch };
        using var single = new LibraryTraining(pair, data, options, Precision.Float32, LearningRate);
        using var half = Precision.BFloat16.IsSupported(CPU, out string? reason) ? new LibraryTraining(pair, data, options, Precision.BFloat16, LearningRate) : null;
        if (half is null)
            Console.WriteLine($"  no bf16 here: {reason}");

        var steps = new Interleaved().Add("plain modules, Float32", baseline.Step).Add("library, Float32", single.Step);
        if (half is not null)
            steps.Add("library, bf16", half.Step);
        var stepRatios = steps.Run(rounds);
        Console.WriteLine("clipping, optimizer and moving average");
        var updateRatios = new Interleaved().Add("plain modules", baseline.Update).Add("library", single.Update).Run(5 * rounds);

        var figures = new Dictionary<string, double> { ["step_ratio_fp32"] = stepRatios["library, Float32"] };
        if (half is not null)
            figures["step_ratio_bf16"] = stepRatios["library, bf16"];
        figures["optimizer_ratio"] = updateRatios["library"];
        return figures;
    }

    private static SampleBuffer Pictures(int size)
    {
        const int Rows = 1024;
        var data = new SampleBuffer(size, 1);
        for (int i = 0; i < Rows; i++)
        {
            long row = data.Add();
            RowNoise.FillNormal(data.Sample(row), 1, new RowKey((ulong)i, 0), 0);
            data.Conditions(row)[0] = 1 + i % NetworkPair.Classes;
        }
        return data;
    }
}
