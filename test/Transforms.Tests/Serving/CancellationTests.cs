using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class CancellationTests
{
    private readonly MLContext _ml = new(1);

    public static IEnumerable<object[]> Samplers => new ISampler[]
    {
        KnownSolvers.Ddim, KnownSolvers.DpmSolverPlusPlus2M, KnownSolvers.Heun, new AdaptiveOdeSampler(), new DpmAdaptiveSampler(), new AnnealedMcmcSampler(KnownKernels.Mala(0.1)),
    }.Select(sampler => new object[] { sampler });

    [TestMethod]
    [DynamicData(nameof(Samplers))]
    public void Options_TokenCancelledDuringACall_NoFurtherCallIsMade(ISampler sampler)
    {
        using var cancel = new CancellationTokenSource();
        var denoiser = new CountingDenoiser();
        using var model = (IDisposable)denoiser.Model(_ml, new() { Solver = sampler, Steps = 6, CancellationToken = cancel.Token });
        denoiser.Forget();
        denoiser.Asked = cancel.Cancel;
        Throws(() => Sample((ITransformer)model, 3), cancel.Token);
        Assert.HasCount(1, denoiser.Rows);
    }

    [TestMethod]
    public void Scope_TokenCancelledDuringACall_EndsAnyModelAndLeavesItUsable()
    {
        using var cancel = new CancellationTokenSource();
        var denoiser = new CountingDenoiser();
        using var model = (IDisposable)denoiser.Model(_ml, new() { Steps = 4 });
        float[][] expected = Sample((ITransformer)model, 2);
        denoiser.Forget();
        denoiser.Asked = cancel.Cancel;
        using (_ml.Diffusion().CancelSamplingOn(cancel.Token))
        {
            Throws(() => Sample((ITransformer)model, 2), cancel.Token);
            Assert.HasCount(1, denoiser.Rows);
            Throws(() => Task.Run(() => Sample((ITransformer)model, 2)).GetAwaiter().GetResult(), cancel.Token);
            var engine = _ml.Model.CreatePredictionEngine<ServedRow, ServedSample>((ITransformer)model, new PredictionEngineOptions { OwnsTransformer = false });
            Throws(() => engine.Predict(new ServedRow()), cancel.Token);
        }
        EditLab.AssertSame(expected, Sample((ITransformer)model, 2));
    }

    [TestMethod]
    public void Scopes_OneInAnother_EachTokenCounts()
    {
        var d = _ml.Diffusion();
        using CancellationTokenSource outer = new(), inner = new();
        using var model = (IDisposable)new CountingDenoiser().Model(_ml, new() { Steps = 2 });
        using (d.CancelSamplingOn(outer.Token))
        {
            using (d.CancelSamplingOn(inner.Token))
            using (d.CancelSamplingOn(CancellationToken.None))
            {
                inner.Cancel();
                Throws(() => Sample((ITransformer)model, 1), inner.Token);
            }
            _ = Sample((ITransformer)model, 1);
            outer.Cancel();
            Throws(() => Sample((ITransformer)model, 1), outer.Token);
        }
        _ = Sample((ITransformer)model, 1);
    }

    [TestMethod]
    public void Likelihood_AndEdits_AreCancelledLikeSampling()
    {
        using var cancel = new CancellationTokenSource();
        var t = _ml.Diffusion().Transforms;
        IEstimator<ITransformer>[] further =
        [
            t.LogLikelihood("Score", "X", new() { CancellationToken = cancel.Token }), t.ImageToImage("Varied", "X", new() { CancellationToken = cancel.Token }),
            t.Invert("Latent", "X", new() { CancellationToken = cancel.Token }), t.DenoiseFrom("Clean", "NoisedX", NoiseLevel.FromRatio(0.5), new() { CancellationToken = cancel.Token }),
        ];
        var denoiser = new CountingDenoiser();
        using var model = (IDisposable)denoiser.Model(_ml, new() { Steps = 2 }, further);
        var view = ((ITransformer)model).Transform(Point.Load(_ml, 2));
        foreach (string column in new[] { "Varied", "Latent", "Clean" })
            Assert.HasCount(2, ViewChecks.Vectors(view, column));
        cancel.Cancel();
        denoiser.Forget();
        foreach (string column in new[] { "Varied", "Latent", "Clean" })
            Throws(() => ViewChecks.Vectors(view, column), cancel.Token);
        Throws(() => _ = view.GetColumn<float>("Score").Sum(), cancel.Token);
        Assert.IsEmpty(denoiser.Rows);
    }

    private float[][] Sample(ITransformer model, int rows) => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(ServedRow.Make(rows))), "Sample");

    private static void Throws(Action action, CancellationToken token) => Assert.AreEqual(token, Assert.Throws<OperationCanceledException>(action).CancellationToken);
}
