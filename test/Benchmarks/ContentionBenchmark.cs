using System.Globalization;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// What a training step costs where other programs want the processors too: beside a process that keeps one of them busy, and beside a second training. And alone, against all threads sharing each operation.
/// </summary>
internal sealed class ContentionBenchmark : IBenchmark
{
    /// <summary>What makes this program the other process: keep a processor busy, or train.</summary>
    public const string Busy = "--busy", Training = "--training";

    private const int Batch = 32, StepsOfRound = 3;
    private const double LearningRate = 1e-4;

    public string Name => "contention";

    public string Description => $"a training step at batch {Batch} beside other processes; `parts [seconds]` compares ways to compute it for networks and batches of many sizes; `sampling [rounds]` is about network calls";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        switch (arguments)
        {
            case [Busy]:
                OtherProcess.WorkWhenTold(static () => Math.Sqrt(Environment.TickCount64));
                return new Dictionary<string, double>();
            case [Training]:
                using (var other = Start())
                    OtherProcess.WorkWhenTold(other.Parts.Step);
                return new Dictionary<string, double>();
            case ["parts", .. var seconds]:
                return PartsTable.Run(seconds is [var given] ? double.Parse(given, CultureInfo.InvariantCulture) : 3);
            case ["sampling", .. var number]:
                return SamplingContention.Run(number is [var times] ? int.Parse(times, CultureInfo.InvariantCulture) : 15);
            default:
                return Measure(arguments is [var rounds] ? int.Parse(rounds, CultureInfo.InvariantCulture) : 12);
        }
    }

    private static Dictionary<string, double> Measure(int rounds)
    {
        using var training = Start();
        using var busy = new OtherProcess("contention", Busy);
        using var second = new OtherProcess("contention", Training);
        Console.WriteLine(FormattableString.Invariant($"  {training.Parts.Count} parts; load before: {Load()}"));
        // Alone first: every other action is compared with it, round by round.
        var ratios = new Interleaved()
            .Add("in parts, alone", Repeat(training.Parts.Step))
            .Add("whole batch, alone", Repeat(training.Whole.Step))
            .Add("in parts, beside a busy process", busy.Beside(Repeat(training.Parts.Step)))
            .Add("whole batch, beside a busy process", busy.Beside(Repeat(training.Whole.Step)))
            .Add("in parts, two trainings at once", second.Beside(Repeat(training.Parts.Step)))
            .Run(rounds, warmUps: 1);
        Console.WriteLine(FormattableString.Invariant($"  load after: {Load()}"));
        return new Dictionary<string, double>
        {
            ["busy_ratio"] = ratios["in parts, beside a busy process"],
            ["two_runs_ratio"] = ratios["in parts, two trainings at once"],
            ["alone_ratio"] = 1 / ratios["whole batch, alone"],
            ["whole_busy_ratio"] = ratios["whole batch, beside a busy process"] / ratios["whole batch, alone"],
        };
    }

    private static Pair Start()
    {
        FastConvolutions.Ensure();
        return new Pair();
    }

    private static Action Repeat(Action step) => () =>
    {
        for (int i = 0; i < StepsOfRound; i++)
            step();
    };

    // The kernel's average of a minute, this program included: other programs make these figures worthless.
    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    /// <summary>The same training twice: as Fit does it, and in whole batches.</summary>
    private sealed class Pair : IDisposable
    {
        private readonly SampleBuffer _data;

        public Pair()
        {
            var shape = new DataShape(1, 28, 28);
            var layout = new ConditionLayout([new ClassCondition("Label", NetworkPair.Classes)]);
            _data = TrainingData.Create(shape.Size, layout);
            var task = LibraryTraining.Task(NetworkPair.Network, shape, layout, CPU, Precision.Float32);
            var options = new DenoiserTrainer.Options { BatchSize = Batch };
            Parts = new LibraryTraining(task, _data, options, LearningRate);
            Whole = new LibraryTraining(task, _data, options, LearningRate, parts: 1, alone: false);
        }

        public LibraryTraining Parts { get; }

        public LibraryTraining Whole { get; }

        public void Dispose()
        {
            Parts.Dispose();
            Whole.Dispose();
            _data.Dispose();
        }
    }
}
