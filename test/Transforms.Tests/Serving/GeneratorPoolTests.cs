using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class GeneratorPoolTests
{
    private readonly MLContext _ml = new(1);

    private DiffusionGeneratorsCatalog Generators => _ml.Diffusion().Generators;

    [TestMethod]
    public async Task GenerateAsync_ManyAtOnce_EachGetsWhatItGetsAlone()
    {
        var model = TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));
        var rows = ServedRow.Make(40);
        float[][] expected = ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(rows)), "Sample");
        await using var pool = Generators.Pool<ServedRow, ServedSample>(model, new() { Engines = 2, BatchSize = 8 });
        var samples = await Task.WhenAll(rows.Select(row => pool.GenerateAsync(row)));
        EditLab.AssertSame(expected, [.. samples.Select(sample => sample.Sample)]);
        Assert.AreEqual(0, pool.Waiting);
    }

    [TestMethod]
    public async Task GenerateAsync_RequestsThatWait_ShareABatch()
    {
        var denoiser = new CountingDenoiser();
        using var hold = new ManualResetEventSlim();
        await using var pool = Generators.Pool<ServedRow, ServedSample>(denoiser.Model(_ml, new() { Steps = 3, BatchSize = 16 }), new() { BatchSize = 16 });
        _ = await pool.GenerateAsync(new ServedRow());
        denoiser.Forget();
        using var entered = new ManualResetEventSlim();
        denoiser.Asked = () =>
        {
            entered.Set();
            hold.Wait();
        };
        var first = pool.GenerateAsync(new ServedRow());
        entered.Wait();
        var others = ServedRow.Make(16).Select(row => pool.GenerateAsync(row)).ToArray();
        Assert.AreEqual(16, pool.Waiting);
        hold.Set();
        await Task.WhenAll([first, .. others]);
        Assert.HasCount(3 * 2, denoiser.Rows, "three steps of one row, three of sixteen together");
    }

    [TestMethod]
    public async Task GenerateAsync_Cancelled_EndsAtOnceAndStopsABatchThatNobodyWaitsFor()
    {
        var denoiser = new CountingDenoiser();
        await using var pool = Generators.Pool<ServedRow, ServedSample>(denoiser.Model(_ml, new() { Steps = 50, BatchSize = 4 }), new GeneratorPoolOptions());
        _ = await pool.GenerateAsync(new ServedRow());
        denoiser.Forget();
        using var cancel = new CancellationTokenSource();
        denoiser.Asked = cancel.Cancel;
        await Assert.ThrowsAsync<OperationCanceledException>(() => pool.GenerateAsync(new ServedRow(), cancel.Token));
        denoiser.Asked = null;
        _ = await pool.GenerateAsync(new ServedRow());
        Assert.HasCount(1 + 50, denoiser.Rows);
        await Assert.ThrowsAsync<OperationCanceledException>(() => pool.GenerateAsync(new ServedRow(), new CancellationToken(canceled: true)));
    }

    [TestMethod]
    public async Task GenerateAsync_OneBadRequest_DoesNotSpoilItsNeighbours()
    {
        var denoiser = new CountingDenoiser();
        await using var pool = Generators.Pool<FaultyRow, ServedSample>(denoiser.Model(_ml, new() { Steps = 2, BatchSize = 4 }), new() { BatchSize = 4 });
        using var hold = new ManualResetEventSlim();
        denoiser.Asked = () => hold.Wait();
        Task<ServedSample>[] answers = [.. Enumerable.Range(0, 4).Select(i => pool.GenerateAsync(new FaultyRow { Seed = i, IsFaulty = i == 2 }))];
        hold.Set();
        for (int i = 0; i < 4; i++)
            if (i == 2)
                await Assert.ThrowsAsync<InvalidOperationException>(() => answers[2]);
            else
                Assert.HasCount(4, (await answers[i]).Sample);
    }

    [TestMethod]
    public async Task Reload_WhileRequestsCome_LosesNoneAndDisposesTheOldModel()
    {
        var old = TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.zip");
        try
        {
            _ml.Diffusion().SaveGenerator(old, file);
            await using var pool = Generators.Pool<ServedRow, ServedSample>(old);
            var expected = (await pool.GenerateAsync(new ServedRow { Seed = 3 })).Sample;
            using var stop = new CancellationTokenSource();
            var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                int answers = 0;
                for (; !stop.IsCancellationRequested; answers++)
                    Assert.AreSequenceEqual(expected, (await pool.GenerateAsync(new ServedRow { Seed = 3 })).Sample);
                return answers;
            })).ToArray();
            for (int i = 0; i < 5; i++)
            {
                await Task.Delay(20);
                pool.Reload(file);
            }
            stop.Cancel();
            Assert.IsTrue((await Task.WhenAll(callers)).All(answers => answers > 0));
            Assert.Throws<ObjectDisposedException>(() => old.GetOutputSchema(_ml.Data.LoadFromEnumerable(ServedRow.Make(1)).Schema));
            Assert.Throws<Exception>(() => pool.Reload("no such file.zip"));
            Assert.AreSequenceEqual(expected, (await pool.GenerateAsync(new ServedRow { Seed = 3 })).Sample);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestMethod]
    public async Task Dispose_RequestsInTheQueue_FailAndTheModelIsDisposed()
    {
        var denoiser = new CountingDenoiser();
        var model = denoiser.Model(_ml, new() { Steps = 5, BatchSize = 4 });
        var pool = Generators.Pool<ServedRow, ServedSample>(model, new() { QueueLength = 2, BatchSize = 1 });
        using var entered = new ManualResetEventSlim();
        using var hold = new ManualResetEventSlim();
        denoiser.Asked = () =>
        {
            entered.Set();
            hold.Wait();
        };
        var running = pool.GenerateAsync(new ServedRow());
        entered.Wait();
        Task<ServedSample>[] waiting = [.. ServedRow.Make(3).Select(row => pool.GenerateAsync(row))];
        Assert.IsTrue(pool.IsFull);
        var disposing = pool.DisposeAsync();
        hold.Set();
        await disposing;
        foreach (var answer in waiting.Append(running))
            Assert.Contains("disposed", (await Assert.ThrowsAsync<ObjectDisposedException>(() => answer)).Message);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.GenerateAsync(new ServedRow()));
        Assert.Throws<ObjectDisposedException>(() => model.GetOutputSchema(_ml.Data.LoadFromEnumerable(ServedRow.Make(1)).Schema));
        pool.Dispose();
    }

    [TestMethod]
    public void Pool_RequestsWithoutASeed_AreRefused()
    {
        using var model = (IDisposable)TestPipelines.Unconditional(_ml).Fit(Point.Load(_ml, 10));
        var e = Assert.ThrowsExactly<ArgumentException>(() => Generators.Pool<Seedless, ServedSample>((ITransformer)model));
        Assert.Contains("Seedless has no member 'Seed'", e.Message);
        Assert.Contains("Random.Shared.NextInt64()", e.Message);
        Assert.Throws<Exception>(() => Generators.Pool<ServedRow, Elsewhere>((ITransformer)model));
        Assert.Contains("Engines must be a number in [1, 256]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Generators.Pool<ServedRow, ServedSample>((ITransformer)model, new() { Engines = 0 })).Message);
    }

    private sealed class Seedless
    {
        public string Label { get; set; } = "";
    }

    private sealed class Elsewhere
    {
        public float[] Missing { get; set; } = [];
    }

    private sealed class FaultyRow
    {
        private readonly long _seed;

        public bool IsFaulty { get; set; }

        public string Label { get; set; } = "";

        public long Seed
        {
            get => IsFaulty ? throw new InvalidOperationException("a bad request") : _seed;
            init => _seed = value;
        }
    }
}
