using Microsoft.ML.Diffusion.Benchmarks;

// dotnet run -c Release --project test/Benchmarks -- NAME [options of the benchmark]
IBenchmark[] benchmarks =
[
    new TrainingBenchmark(), new SamplingBenchmark(), new ContentionBenchmark(), new NetworksBenchmark(), new PipelineBenchmark(), new OneRowBenchmark(), new InputBenchmark(),
    new PlanBenchmark(), new SolversBenchmark(), new GuidanceBenchmark(),
];

var benchmark = args.Length > 0 ? benchmarks.FirstOrDefault(candidate => candidate.Name == args[0]) : null;
if (benchmark is null)
{
    Console.Error.WriteLine($"Expected the name of a benchmark, got {(args.Length > 0 ? $"'{args[0]}'" : "nothing")}. Names: {string.Join(", ", benchmarks.Select(candidate => candidate.Name))}.");
    return 2;
}
// A child of a benchmark, which reads what it prints.
if (args.Contains(TrainingProbe.Argument) || args.Contains(ContentionBenchmark.Busy) || args.Contains(ContentionBenchmark.Training))
{
    benchmark.Run(args[1..]);
    return 0;
}
Console.WriteLine($"{benchmark.Name}: {benchmark.Description}");
Console.WriteLine($"{TorchNativeDescription()}, {TorchSharp.torch.get_num_threads()} threads, {Environment.ProcessorCount} processors");
new BenchmarkReport(benchmark.Name, benchmark.Run(args[1..])).Write(Console.Out);
return 0;

static string TorchNativeDescription()
{
    Microsoft.ML.Diffusion.TorchNative.EnsureLoaded();
    return Microsoft.ML.Diffusion.TorchNative.Description;
}
