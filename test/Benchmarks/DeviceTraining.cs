using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// Images a second of the trainer's own engine on a device, beside those of <c>reference/train_step.py</c>, the same network as a script of PyTorch, where that is installed:
/// <c>training --device cuda --network cifar</c>.
/// </summary>
internal static class DeviceTraining
{
    private const int WarmUps = 10;

    /// <summary>Networks by name: architecture, shape, batch, steps that are timed.</summary>
    private static readonly Dictionary<string, (UNet Network, DataShape Shape, int Batch, int Steps)> _networks = new()
    {
        ["cifar"] = (new UNet { Channels = 128, Multipliers = [1, 2, 2, 2], BlocksPerLevel = 2, AttentionFactors = [2], HeadChannels = 64, Groups = 32 }, new DataShape(3, 32, 32), 128, 50),
        ["small"] = (NetworkPair.Network, new DataShape(1, 28, 28), 32, 20),
    };

    public static IReadOnlyDictionary<string, double> Run(IReadOnlyDictionary<string, string> options)
    {
        string name = options.GetValueOrDefault("network", "cifar"), deviceName = options.GetValueOrDefault("device", "cpu");
        if (!_networks.TryGetValue(name, out var setting))
            throw new ArgumentException($"Expected a network out of {string.Join(", ", _networks.Keys)}, got '{name}'.");
        var device = TorchDevice.Resolve(deviceName == "cpu" ? null : 0);
        var figures = new Dictionary<string, double>();
        if (device.type == TorchSharp.DeviceType.CUDA)
        {
            // TF32 is a switch of the whole process, which the library leaves to its user.
            backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = true;
            figures["images_per_second_tf32"] = ImagesPerSecond(setting, device, Precision.Float32);
            backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = false;
        }
        foreach (var precision in new[] { Precision.Float32, Precision.BFloat16 })
        {
            if (!precision.IsSupported(device, out string? reason))
                Console.WriteLine($"  no {precision} here: {reason}");
            else
                figures[precision == Precision.Float32 ? "images_per_second_fp32" : "images_per_second_bf16"] = ImagesPerSecond(setting, device, precision);
        }
        AddReference(figures, name, deviceName, setting.Batch, setting.Steps);
        return figures;
    }

    private static double ImagesPerSecond((UNet Network, DataShape Shape, int Batch, int Steps) setting, Device device, Precision precision)
    {
        var layout = new ConditionLayout([new ClassCondition("Label", NetworkPair.Classes)]);
        using var data = TrainingData.Create(setting.Shape.Size, layout);
        using var training = new LibraryTraining(LibraryTraining.Task(setting.Network, setting.Shape, layout, device, precision), data,
            new DenoiserTrainer.Options { BatchSize = setting.Batch }, 1e-4);
        // Each step reads its loss, so the clock stops when the device has finished.
        for (int i = 0; i < WarmUps; i++)
            training.Step();
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < setting.Steps; i++)
            training.Step();
        double speed = setting.Batch * setting.Steps / watch.Elapsed.TotalSeconds;
        Console.WriteLine(FormattableString.Invariant($"  library, {precision}: {training.ParameterCount:n0} parameters, batch {setting.Batch}, {speed:n0} images/s"));
        return speed;
    }

    // The python to run it with: DIFFUSION_PYTHON, else python3.
    private static void AddReference(Dictionary<string, double> figures, string network, string device, int batch, int steps)
    {
        string python = Environment.GetEnvironmentVariable("DIFFUSION_PYTHON") ?? "python3";
        var start = new ProcessStartInfo(python) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { Path.Combine(AppContext.BaseDirectory, "reference", "train_step.py"), "--network", network, "--device", device, "--batch", $"{batch}", "--steps", $"{steps}" })
            start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                Console.WriteLine($"  no reference: {python} says {errors.Result.Trim().Split('\n')[^1]}");
                return;
            }
            Console.Write(output);
            var reference = JsonDocument.Parse(output.Trim().Split('\n')[^1]).RootElement.GetProperty("figures").EnumerateObject().ToDictionary(figure => figure.Name, figure => figure.Value.GetDouble());
            foreach (var (variant, speed) in reference)
                figures["reference_" + variant] = speed;
            // Time by time: below 1 the library is faster.
            AddRatio("step_ratio_fp32", "images_per_second_fp32", variant => variant == "plain");
            AddRatio("step_ratio_tf32", "images_per_second_tf32", variant => variant is "tf32" or "compile");
            AddRatio("step_ratio_bf16", "images_per_second_bf16", variant => variant.StartsWith("bf16", StringComparison.Ordinal));

            void AddRatio(string ratio, string ours, Func<string, bool> comparable)
            {
                if (figures.TryGetValue(ours, out double speed) && reference.Keys.Any(comparable))
                    figures[ratio] = reference.Where(figure => comparable(figure.Key)).Max(figure => figure.Value) / speed;
            }
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Console.WriteLine($"  no reference: {python}: {exception.Message}");
        }
    }
}
