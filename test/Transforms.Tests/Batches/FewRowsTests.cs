using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>
/// Few rows cost few rows, where the model answers to them with the bits that it has in a full batch; and are full batches elsewhere.
/// </summary>
[TestClass]
public sealed class FewRowsTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 4)]
    [DataRow(8, 8)]
    [DataRow(9, 16)]
    public void Transform_FewRows_AsksForThemAlone(int rows, int asked)
    {
        var denoiser = new CountingDenoiser();
        using var model = (IDisposable)denoiser.Model(_ml, new() { Steps = 5, BatchSize = 16 });
        _ = Sample((ITransformer)model, rows);
        denoiser.Forget();
        _ = Sample((ITransformer)model, rows);
        Assert.HasCount(5, denoiser.Rows);
        Assert.IsTrue(denoiser.Rows.All(count => count == asked), string.Join(", ", denoiser.Rows));
    }

    [TestMethod]
    public void Transform_FewRowsOfAModelWhoseAnswersDependOnTheirNumber_AreTheSameAsAmongMany()
    {
        var denoiser = new CountingDenoiser(dependsOnRows: true);
        using var model = (IDisposable)denoiser.Model(_ml, new() { Steps = 5, BatchSize = 16 });
        var all = Sample((ITransformer)model, 16);
        denoiser.Forget();
        var few = Sample((ITransformer)model, 3);
        EditLab.AssertSame(all[..3], few);
        Assert.AreEqual(16, denoiser.Rows[^1]);
    }

    public static IEnumerable<object[]> Samplers => CancellationTests.Samplers;

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Transform_AnyNumberOfRows_HasTheSameBits(ISampler sampler)
    {
        using var model = (IDisposable)TestPipelines.Conditional(_ml, new() { Steps = 4, Solver = sampler, BatchSize = 16 }).Fit(Point.Load(_ml, 10));
        var all = Sample((ITransformer)model, 16);
        foreach (int rows in new[] { 1, 2, 5, 11 })
            EditLab.AssertSame(all[..rows], Sample((ITransformer)model, rows));
    }

    [TestMethod]
    public void Transform_OtherThreadCountOrGuidance_IsFoundOutAnew()
    {
        var denoiser = new CountingDenoiser();
        using var model = (IDisposable)denoiser.Model(_ml, new() { Steps = 2, BatchSize = 16 });
        var view = ((ITransformer)model).Transform(_ml.Data.LoadFromEnumerable(ServedRow.Make(1)));
        var handle = DenoiserHandle.Get(view.Schema, "Denoiser");
        var agreement = new RowAgreement();
        var program = new SampleTask(null).Prepare(SamplingSettings.From(new SamplerEstimator.Options(), null), handle.Spec.Process.Schedule);
        int RowsFor(int count) => new DenoiserAgreement(agreement, handle, program, Conditioning.None, 16).RowsFor(count, ownLevels: false);
        int threads = TorchSharp.torch.get_num_threads();
        try
        {
            denoiser.Forget();
            Assert.AreEqual(2, RowsFor(2));
            int calls = denoiser.Rows.Count;
            Assert.AreEqual(2, RowsFor(2));
            Assert.HasCount(calls, denoiser.Rows, "known");
            TorchSharp.torch.set_num_threads(threads + 1);
            Assert.AreEqual(2, RowsFor(2));
            Assert.HasCount(2 * calls, denoiser.Rows, "with other threads, sums may be others");
        }
        finally
        {
            TorchSharp.torch.set_num_threads(threads);
        }
    }

    private float[][] Sample(ITransformer model, int rows)
        => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(ServedRow.Make(rows))), "Sample");
}
