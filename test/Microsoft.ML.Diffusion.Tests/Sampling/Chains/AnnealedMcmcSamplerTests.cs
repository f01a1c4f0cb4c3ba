using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.TestSupport.Golden;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class AnnealedMcmcSamplerTests
{
    private static readonly TimeGrid Small = TimeGrid.FromRatios([3, 1, 0.3, 0]);

    public static IEnumerable<object[]> Runs =>
    [
        [new AnnealedMcmcSampler(KnownKernels.Mala(0.3)), KnownSpacings.Karras.Grid(KnownSchedules.Edm, 30)],
        [new AnnealedMcmcSampler(KnownKernels.Mala(0.3), 3, 1), KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 30)],
        [new AnnealedMcmcSampler(KnownKernels.RandomWalk(0.7), 6, 2), KnownSpacings.Exponential.Grid(KnownSchedules.Ve, 30)],
        [new AnnealedMcmcSampler(KnownKernels.Ula(0.1)), KnownSpacings.Linspace.Grid(KnownSchedules.Vp, 40)],
        [new AnnealedMcmcSampler(KnownKernels.Mala(0.3)), KnownSpacings.Trailing.Grid(KnownSchedules.RectifiedFlow, 40)],
    ];

    [TestMethod]
    [DynamicData(nameof(Runs))]
    public void Run_ExactDenoiser_RecoversMeanAndCovariance(AnnealedMcmcSampler sampler, TimeGrid grid)
    {
        const int Rows = 2_000;
        using var like = ExactMixture.Rows(Rows);
        using var start = PlanRunner.DrawStart(grid, new ScatteredNoise(2), like);
        using var sample = sampler.Prepare(grid).Run(ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(2));
        // Far fewer levels than DDPM would need for this: the chain mends the rest to three hundredths.
        Moments.AssertMixture(sample, Moments.FourErrors(Rows) + 0.03);
    }

    [TestMethod]
    [DataRow(true, 0)]
    [DataRow(true, 2)]
    [DataRow(false, 2)]
    public void Run_Progress_CountsEvaluationsAndTellsTheAcceptanceRate(bool adjusted, int innerPoints)
    {
        var program = new AnnealedMcmcSampler(new MarkovKernel(new LangevinProposal(0.5), adjusted), 3, innerPoints).Prepare(Small);
        using var recording = new RecordingDenoiser(ExactMixture.Denoiser);
        var reports = new List<SamplingProgress>();
        using var start = ExactMixture.Rows(40);
        program.Run(recording, start, Conditioning.None, new ScatteredNoise(1), new Listener(reports.Add)).Dispose();
        Assert.HasCount(program.Evaluations!.Value, recording.Calls);
        Assert.AreSequenceEqual(Enumerable.Range(1, reports.Count).ToArray(), reports.Select(report => report.Evaluation).ToArray());
        Assert.IsTrue(reports.All(report => report.Evaluations == program.Evaluations));
        if (adjusted)
            Assert.IsInRange(0.3, 0.999, reports[^1].AcceptanceRate!.Value);
        else
            Assert.IsNull(reports[^1].AcceptanceRate);
    }

    [TestMethod]
    public void Run_Rows_DoNotDependOnTheirNeighbours()
    {
        using var like = ExactMixture.Rows(4);
        using var start = PlanRunner.DrawStart(Small, new ScatteredNoise(3), like);
        using var two = start.narrow(0, 0, 2);
        var program = ((AnnealedMcmcSampler)KnownSolvers.AnnealedMala).Prepare(Small);
        using var four = program.Run(ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(3));
        using var alone = program.Run(ExactMixture.Denoiser, two, Conditioning.None, new ScatteredNoise(3));
        double[] expected = alone.data<double>().ToArray(), actual = four.data<double>().ToArray();
        for (int i = 0; i < expected.Length; i++)
            // Products of matrices sum in another order for other sizes.
            Assert.AreEqual(expected[i], actual[i], 1e-12);
    }

    [TestMethod]
    public void Run_NoTensorIsLeft_AlsoWhenItFailsOrIsCancelled()
    {
        var program = KnownSolvers.AnnealedMala.Prepare(Small);
        using var start = ExactMixture.Rows(3);
        TensorLeak.AssertNone(() =>
        {
            program.Run(ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1)).Dispose();
            var e = Assert.ThrowsExactly<InvalidOperationException>(() => program.Run(new Broken(), start, Conditioning.None, new ScatteredNoise(1)));
            Assert.Contains("NaN or infinity at level (α 1, σ 1)", e.Message);
            using var cancellation = new CancellationTokenSource();
            int evaluations = 0;
            var listener = new Listener(report =>
            {
                evaluations++;
                if (report.Evaluation == 4)
                    cancellation.Cancel();
            });
            Assert.ThrowsExactly<OperationCanceledException>(() => program.Run(ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(1), listener, cancellation.Token));
            Assert.AreEqual(4, evaluations);
        });
        Assert.AreEqual(0, start.data<double>().ToArray().Max(Math.Abs));
    }

    [TestMethod]
    public void Run_GridThatEndsNoisy_EndsWithAChainThere()
    {
        var program = new AnnealedMcmcSampler(KnownKernels.Mala(0.2), 2).Prepare(TimeGrid.FromRatios([3, 1]));
        Assert.AreEqual(2 * (1 + 2), program.Evaluations);
    }

    [TestMethod]
    public void Constructor_BadInput_SaysWhatWasGot()
    {
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AnnealedMcmcSampler(KnownKernels.Mala(1), 0)).Message);
        Assert.Contains("[0, 3]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AnnealedMcmcSampler(KnownKernels.Mala(1), innerPoints: 5)).Message);
        Assert.ThrowsExactly<ArgumentNullException>(() => new AnnealedMcmcSampler(null!));
    }

    private sealed class Listener(Action<SamplingProgress> report) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => report(value);
    }

    private sealed class Broken : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
            => step.Level[0].Sigma > 1 ? ExactMixture.Denoiser.Denoise(x, step, condition) : new Denoised(full_like(x, double.NaN));
    }
}
