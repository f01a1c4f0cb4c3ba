using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>What a plan costs: to build, in milliseconds, and to run, above the network calls that it makes.</summary>
internal sealed class PlanBenchmark : IBenchmark
{
    private const int Steps = 1000;
    private const int Batch = 16;

    public string Name => "plan";

    public string Description => "building a plan of 1,000 steps; running plans at batch 16 against their network calls alone";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 15;
        var figures = BuildTimes();
        Overhead(rounds, figures);
        return figures;
    }

    // Every solver is printed; the figure is the worst of those that ask once a step, so that 1,000 steps are 1,000 network calls.
    private static Dictionary<string, double> BuildTimes()
    {
        TimeGrid Grid() => KnownSpacings.Trailing.Grid(KnownSchedules.Linear, Steps);
        var grid = Grid();
        double worst = 0;
        Console.WriteLine(FormattableString.Invariant($"  {"a plan of 1,000 steps",-32} {"calls",6} {"median ms",10}"));
        foreach (var (name, solver) in SolverCatalogue.Solvers)
        {
            double time = Median(() => solver.Plan(grid));
            int evaluations = solver.Plan(grid).Evaluations;
            Console.WriteLine(FormattableString.Invariant($"  {name,-32} {evaluations,6} {time,10:0.000}"));
            if (evaluations <= Steps + 1)
                worst = Math.Max(worst, time);
        }
        return new() { ["build_ms"] = worst, ["grid_ms"] = Median(Grid) };
    }

    private static double Median(Func<object> build)
    {
        const int WarmUps = 200, Rounds = 301;
        var times = new double[Rounds];
        for (int i = -WarmUps; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            build();
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[Rounds / 2];
    }

    private static void Overhead(int rounds, Dictionary<string, double> figures)
    {
        using var pair = new NetworkPair(Precision.Float32, trainable: false);
        using var labels = NetworkPair.Labels(Batch);
        var condition = new Conditioning(pair.Layout, labels);
        var noise = new RowNoise(1, [.. Enumerable.Range(0, Batch).Select(row => new RowKey((ulong)row, 0))]);
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 5);
        using var like = zeros(pair.Shape.Batch(Batch));
        using var start = PlanRunner.DrawStart(grid, noise, like);
        double worst = double.NegativeInfinity, outside = 0;
        foreach (var (name, solver) in new[] { ("DPM-Solver++(2M)", KnownSolvers.DpmSolverPlusPlus2M), ("DPM-Solver++(2M) SDE", KnownSolvers.DpmSolverPlusPlus2MSde) })
        {
            var plan = solver.Plan(grid);
            worst = Math.Max(worst, new Interleaved()
                .Add($"{plan.Evaluations} network calls", () => Calls(plan, pair.Library, start, condition))
                .Add(name, () => PlanRunner.Run(plan, pair.Library, start, condition, noise).Dispose())
                .Run(rounds)[name] - 1);
            outside = Math.Max(outside, Outside(plan, pair.Library, start, condition, noise, rounds));
        }
        figures["overhead"] = worst;
        figures["outside"] = outside;
    }

    // The time that a run spends outside its network calls over the time inside: both of one run, so steadier than a comparison of two where others compute too.
    private static double Outside(SamplingPlan plan, IDenoiser denoiser, Tensor start, Conditioning condition, INoiseSource noise, int rounds)
    {
        double[] ratios = [.. Enumerable.Range(0, rounds).Select(_ =>
        {
            var timed = new TimedDenoiser(denoiser);
            long begun = Stopwatch.GetTimestamp();
            PlanRunner.Run(plan, timed, start, condition, noise).Dispose();
            return Stopwatch.GetElapsedTime(begun) / timed.Elapsed - 1;
        })];
        Array.Sort(ratios);
        return ratios[rounds / 2];
    }

    private static void Calls(SamplingPlan plan, IDenoiser denoiser, Tensor x, Conditioning condition)
    {
        using var off = no_grad();
        foreach (var evaluate in plan.Instructions.OfType<Evaluate>())
            denoiser.Denoise(x, new StepContext(new NoiseLevels(evaluate.Level, evaluate.Time), evaluate.Target, evaluate.NoiseVariance), condition).X0.Dispose();
    }

    private sealed class TimedDenoiser(IDenoiser inner) : IDenoiser
    {
        public TimeSpan Elapsed { get; private set; }

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            long begun = Stopwatch.GetTimestamp();
            var answer = inner.Denoise(x, step, condition);
            Elapsed += Stopwatch.GetElapsedTime(begun);
            return answer;
        }
    }
}
