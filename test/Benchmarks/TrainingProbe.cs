using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>What only a fresh process can tell: peak memory of training above idle, and the time to the first step.</summary>
internal static class TrainingProbe
{
    /// <summary>What makes this program a probe.</summary>
    public const string Argument = "--probe";

    public const string Baseline = "baseline", Float32 = "fp32", BFloat16 = "bf16", FirstStep = "first-step";

    private const int Batch = 32, Steps = 8;

    /// <summary>Runs a probe in a process of its own: MiB, or seconds.</summary>
    public static double Ask(string probe)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Under `dotnet Benchmarks.dll` the process is dotnet.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(TrainingProbe).Assembly.Location);
        foreach (string argument in new[] { "training", Argument, probe })
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The probe '{probe}' failed: {output}");
        return double.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], CultureInfo.InvariantCulture);
    }

    /// <summary>The probe itself: prints its figure last.</summary>
    public static void Run(string probe)
    {
        TorchNative.EnsureLoaded();
        // The plain modules, too, shall compute without what is wrong on this processor.
        FastConvolutions.Ensure();
        // Whatever libtorch allocates once, for itself.
        using (var first = zeros(8, 8))
            first.matmul(first).Dispose();
        Console.WriteLine(FormattableString.Invariant($"{(probe == FirstStep ? SecondsToFirstStep() : MebibytesAboveIdle(probe)):r}"));
    }

    private static double MebibytesAboveIdle(string probe)
    {
        using var pair = new NetworkPair(Precision.Float32, trainable: false);
        using var data = TrainingData.Create(pair.Shape.Size, pair.Layout);
        double idle = Mebibytes("VmRSS");
        if (probe == Baseline)
        {
            using var training = pair.TrainBaseline(Batch, 1e-4);
            Repeat(training.Step);
        }
        else
        {
            // Without instructions for bf16 it is slow, and takes the buffers of libtorch's general convolutions: no less memory than with them.
            AppContext.SetSwitch(PrecisionExtensions.EmulationSwitch, true);
            using var training = new LibraryTraining(pair, data, new DenoiserTrainer.Options { BatchSize = Batch }, probe == BFloat16 ? Precision.BFloat16 : Precision.Float32, 1e-4);
            Repeat(training.Step);
        }
        return Mebibytes("VmHWM") - idle;
    }

    private static void Repeat(Action step)
    {
        for (int i = 0; i < Steps; i++)
            step();
    }

    // Kernel's own count of this process.
    private static double Mebibytes(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    // From Fit to the beginning of the first step, code that is compiled on the way included.
    private static double SecondsToFirstStep()
    {
        var ml = new MLContext(seed: 1);
        var d = ml.Diffusion();
        var pixels = new float[28 * 28];
        var rows = Enumerable.Range(0, TrainingData.Rows).Select(i =>
        {
            RowNoise.FillUniform(pixels, 1, new RowKey((ulong)i), 0);
            return new Row { Pixels = [.. pixels.Select(value => 255 * value)], Label = (uint)(1 + i % NetworkPair.Classes) };
        }).ToArray();
        var data = ml.Data.LoadFromEnumerable(rows);
        var noised = d.Transforms.NoiseSchedule("Pixels").Fit(data).Transform(data);
        var watch = Stopwatch.StartNew();
        double seconds = double.NaN;
        var options = new DenoiserTrainer.Options { Network = NetworkPair.Network, BatchSize = Batch, Steps = 1, Progress = new Report(progress => seconds = (watch.Elapsed - progress.Elapsed).TotalSeconds) };
        d.Trainers.Denoiser("Pixels", "Label", options).Fit(noised).Dispose();
        return seconds;
    }

    private sealed class Report(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => report(value);
    }

    private sealed class Row
    {
        [VectorType(1, 28, 28)]
        public float[] Pixels { get; set; } = [];

        [KeyType(NetworkPair.Classes)]
        public uint Label { get; set; }
    }
}
