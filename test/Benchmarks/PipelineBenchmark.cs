using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>What the pipeline adds to the bare sampler: time a sample, memory a row, tensors left behind.</summary>
internal sealed class PipelineBenchmark : IBenchmark
{
    private const int Batch = 16;
    private const int Steps = 10;
    private const int TrivialSteps = 2;

    public string Name => "pipeline";

    public string Description => "SamplerTransformer over an IDataView against the bare sampler; memory and tensors with a trivial network";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 15;
        var ml = new MLContext(1);
        var figures = new Dictionary<string, double> { ["overhead"] = Overhead(ml, rounds) };
        // Leaks first: after them the process is warm, and memory grows for no other reason than rows.
        figures["leaked_tensors"] = LeakedTensors(ml);
        figures["memory_growth"] = MemoryGrowth(ml);
        return figures;
    }

    private static double Overhead(MLContext ml, int rounds)
    {
        const int Rows = 8 * Batch;
        using var model = Fit(ml, new PictureRow[64], nameof(PictureRow.Pixels), UNet.Small, Steps);
        var input = ml.Diffusion().Data.Rows(Rows);
        return new Interleaved()
            .Add("bare sampler", () => SampleBare(model.Model, input, Rows))
            .Add("SamplerTransformer", () => Read(model.Model.Transform(input)))
            .Run(rounds)["SamplerTransformer"] - 1;
    }

    private static void SampleBare(ITransformer model, IDataView input, int rows)
    {
        var handle = DenoiserHandle.Get(model.GetOutputSchema(input.Schema), "Denoiser");
        var schedule = handle.Spec.Process.Schedule;
        var plan = KnownSolvers.DpmSolverPlusPlus2M.Plan(schedule.DefaultSpacing.Grid(schedule, Steps));
        using var noGrad = no_grad();
        using var like = zeros(handle.Spec.Shape.Batch(Batch));
        for (int first = 0; first < rows; first += Batch)
        {
            var noise = new RowNoise(1, [.. Enumerable.Range(first, Batch).Select(row => new RowKey((ulong)row, 0))]);
            using var start = PlanRunner.DrawStart(plan.Grid, noise, like);
            using var result = PlanRunner.Run(plan, handle.Denoiser, start, Conditioning.None, noise);
        }
    }

    private static double LeakedTensors(MLContext ml)
    {
        Cycle(ml);
        long before = Tensor.TotalCount;
        Cycle(ml);
        return Tensor.TotalCount - before;
    }

    private static void Cycle(MLContext ml)
    {
        using var model = Fit(ml, new VectorRow[256], nameof(VectorRow.Features), new ResidualMlp { Width = 16, Blocks = 1 }, TrivialSteps);
        Read(model.Model.Transform(ml.Diffusion().Data.Rows(3 * Batch + 1)));
    }

    private static double MemoryGrowth(MLContext ml)
    {
        using var model = Fit(ml, new VectorRow[256], nameof(VectorRow.Features), new ResidualMlp { Width = 16, Blocks = 1 }, TrivialSteps);
        double[] peaks = [.. new[] { 10_000, 100_000 }.Select(rows => Peak(model.Model.Transform(Rows(ml, rows)), rows))];
        return peaks[1] / peaks[0];
    }

    // Rows made as they are read: the memory of a source is not the pipeline's.
    private static IDataView Rows(MLContext ml, int count) => ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(row => new SeedOnly { Seed = row }));

    private static double Peak(IDataView view, int rows)
    {
        Read(view);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"  {rows,7:N0} rows: peak {process.PeakWorkingSet64 / 1e6:N1} MB");
        return process.PeakWorkingSet64;
    }

    private static Fitted Fit<TRow>(MLContext ml, TRow[] rows, string column, Network network, int steps)
        where TRow : class, new()
    {
        Array.Fill(rows, new TRow());
        var data = ml.Data.LoadFromEnumerable(rows);
        var d = ml.Diffusion();
        var pipeline = d.Transforms.NoiseSchedule(column)
            .Append(d.Trainers.Denoiser(column, options: new() { Network = network, Steps = 2, BatchSize = 8, Precision = Precision.Float32 }))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = steps, BatchSize = Batch }));
        return new Fitted(pipeline.Fit(data));
    }

    private static void Read(IDataView view)
    {
        var column = view.Schema["Sample"];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> value = default;
        while (cursor.MoveNext())
            getter(ref value);
    }

    private sealed record Fitted(ITransformer Model) : IDisposable
    {
        public void Dispose() => (Model as IDisposable)?.Dispose();
    }

    private sealed class PictureRow
    {
        [VectorType(1, 28, 28)]
        public float[] Pixels { get; set; } = [.. Enumerable.Range(0, 784).Select(i => (float)(i % 256))];
    }

    private sealed class VectorRow
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }

    private sealed class SeedOnly
    {
        public long Seed { get; set; }
    }
}
