using System.Diagnostics;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A disposed model fails at once and says why, whoever disposed it and whoever else holds its networks.</summary>
[TestClass]
public sealed class DisposalTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void EngineDisposed_EveryUseOfTheModel_SaysWhyAndNamesTheCure()
    {
        var model = TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));
        var rows = _ml.Data.LoadFromEnumerable(ServedRow.Make(3));
        var view = model.Transform(rows);
        var other = _ml.Model.CreatePredictionEngine<ServedRow, ServedSample>(model, new PredictionEngineOptions { OwnsTransformer = false });
        _ = other.Predict(new ServedRow());
        var open = view.GetRowCursor(view.Schema);

        _ml.Model.CreatePredictionEngine<ServedRow, ServedSample>(model).Dispose();

        Fails(() => model.Transform(rows));
        Fails(() => model.GetOutputSchema(rows.Schema));
        Fails(() => ViewChecks.Vectors(view, "Sample"));
        Fails(() => ViewChecks.Vectors(view, "Denoiser"));
        Fails(() => other.Predict(new ServedRow()));
        Fails(() => _ml.Model.CreatePredictionEngine<ServedRow, ServedSample>(model));
        Fails(() => _ml.Model.Save(model, rows.Schema, Stream.Null));
        Fails(() =>
        {
            Data.VBuffer<float> sample = default;
            open.MoveNext();
            open.GetGetter<Data.VBuffer<float>>(view.Schema["Sample"])(ref sample);
        });
        open.Dispose();
        other.Dispose();
    }

    [TestMethod]
    public void Dispose_WhileOthersHoldSharesOfTheNetwork_FailsAllTheSame()
    {
        var model = TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));
        var rows = _ml.Data.LoadFromEnumerable(ServedRow.Make(3));
        using var kept = DenoiserSteps.Find(model).Model.Share();
        ((IDisposable)model).Dispose();
        Fails(() => ViewChecks.Vectors(model.Transform(rows), "Sample"));
        ((IDisposable)model).Dispose();
        Assert.IsNotNull(kept.Denoiser, "the share of the other is still there");
        kept.Share().Dispose();
    }

    [TestMethod]
    public void Engines_ThatDoNotOwnTheModel_LeaveItAsItIs()
    {
        using var model = (IDisposable)TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));
        var engines = Enumerable.Range(0, 3)
            .Select(_ => _ml.Model.CreatePredictionEngine<ServedRow, ServedSample>((ITransformer)model, new PredictionEngineOptions { OwnsTransformer = false })).ToArray();
        float[] expected = engines[0].Predict(new ServedRow { Seed = 5 }).Sample;
        engines[0].Dispose();
        Assert.AreSequenceEqual(expected, engines[1].Predict(new ServedRow { Seed = 5 }).Sample);
        engines[1].Dispose();
        engines[2].Dispose();
        Assert.HasCount(2, ViewChecks.Vectors(((ITransformer)model).Transform(_ml.Data.LoadFromEnumerable(ServedRow.Make(2))), "Sample"));
    }

    // A free-for-all: what is asked ends with samples or says that the model is gone; anything else, a crash first of all, ends the test.
    [TestMethod]
    public void Dispose_WhileOtherThreadsSample_IsAFinishedAnswerOrAnError()
    {
        var fitted = TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 10));
        using var file = new MemoryStream();
        _ml.Model.Save(fitted, Point.Load(_ml, 1).Schema, file);
        var rows = _ml.Data.LoadFromEnumerable(ServedRow.Make(5).Select(row => new Point { Label = row.Label, Seed = row.Seed, X = new float[4] }));
        float[][] expected = ViewChecks.Vectors(fitted.Transform(rows), "Sample");
        int answers = 0, errors = 0;
        var watch = Stopwatch.StartNew();
        // Longer where the machine is too busy for a single answer.
        for (int round = 0; watch.Elapsed < TimeSpan.FromSeconds(2) || (answers == 0 && watch.Elapsed < TimeSpan.FromSeconds(60)); round++)
        {
            file.Position = 0;
            var model = _ml.Model.Load(file, out _);
            using var started = new Barrier(4);
            var threads = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                started.SignalAndWait();
                try
                {
                    for (int i = 0; i < 20; i++)
                    {
                        EditLab.AssertSame(expected, ViewChecks.Vectors(model.Transform(rows), "Sample"));
                        Interlocked.Increment(ref answers);
                    }
                }
                catch (ObjectDisposedException e) when (e.Message.Contains("OwnsTransformer", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref errors);
                }
            })).ToArray();
            started.SignalAndWait();
            Thread.Sleep(round % 50);
            ((IDisposable)model).Dispose();
            Task.WaitAll(threads);
        }
        Assert.IsGreaterThan(0, answers);
        Assert.IsGreaterThan(0, errors);
    }

    private static void Fails(Action use)
    {
        var e = Assert.Throws<Exception>(use);
        // ML.NET calls some of this through reflection.
        while (e is System.Reflection.TargetInvocationException { InnerException: { } inner })
            e = inner;
        Assert.IsInstanceOfType<ObjectDisposedException>(e);
        Assert.Contains("OwnsTransformer = false", e.Message);
    }
}
