using MathNet.Numerics.Distributions;
using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class MarkovChainTests
{
    // A density of four steps on [0, 4), with factors of up to 6 between them.
    private static readonly double[] Weights = [1, 3, 0.5, 2];

    // ln p of a Gaussian of variance ½ around 0.
    private static readonly DifferentiableLogDensity Gaussian = new(x =>
    {
        using var squares = x.square();
        using var sums = squares.sum(1);
        return sums.neg();
    });

    public static IEnumerable<object[]> Proposals => [[new RandomWalkProposal(1.2)], [new AutoregressiveProposal(0.5, 0.9, [2.5])], [new AutoregressiveProposal(-0.8, 0.7, [2.0])]];

    [TestMethod]
    [DynamicData(nameof(Proposals))]
    public void Step_FromTheDensityItself_GoesBackAndForthAsOften(IProposal proposal)
    {
        const int Rows = 40_000;
        using var start = Draw(Rows);
        using var chain = new MarkovChain(Steps(), new MarkovKernel(proposal), start, new ScatteredNoise(1));
        int[] before = Bins(chain.State);
        chain.Step();
        int[] after = Bins(chain.State);
        var flows = new double[4, 4];
        for (int row = 0; row < Rows; row++)
            flows[before[row], after[row]]++;
        // Detailed balance: of all that goes between two bins, half goes each way. Six pairs, each χ² of one degree of freedom.
        double statistic = 0;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < i; j++)
                statistic += Math.Pow(flows[i, j] - flows[j, i], 2) / (flows[i, j] + flows[j, i]);
        Assert.IsLessThan(ChiSquared.InvCDF(6, 0.999), statistic, "significance 0.001, fixed seed");
        Assert.IsInRange(0.2, 0.95, chain.AcceptanceRate!.Value);
    }

    [TestMethod]
    public void Step_ManyTimes_ReachesTheDensity()
    {
        const int Rows = 10_000, Seeds = 3;
        double statistic = 0;
        using var start = full(Rows, 1, 0.5, dtype: float64);
        for (int seed = 2; seed < 2 + Seeds; seed++)
        {
            using var chain = new MarkovChain(Steps(), KnownKernels.RandomWalk(1.5), start, new ScatteredNoise(seed));
            // The chain's second eigenvalue leaves 1e-9 of the start after so many steps.
            for (int k = 0; k < 80; k++)
                chain.Step();
            statistic += Bins(chain.State).GroupBy(bin => bin).Sum(bin =>
            {
                double expected = Rows * Weights[bin.Key] / Weights.Sum();
                return Math.Pow(bin.Count() - expected, 2) / expected;
            });
        }
        Assert.IsLessThan(ChiSquared.InvCDF(3 * Seeds, 0.999), statistic, "significance 0.001, fixed seeds");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Step_LangevinOnAGaussian_HasTheVarianceOfTheory(bool adjusted)
    {
        const int Rows = 10_000;
        const double Variance = 0.5, StepSize = 0.3;
        using var like = ExactMixture.Rows(Rows);
        using var chain = new MarkovChain(Gaussian, new MarkovKernel(new LangevinProposal(StepSize), adjusted), like, new ScatteredNoise(3));
        for (int k = 0; k < 60; k++)
            chain.Step();
        // Unadjusted, x' = (1 − ε/2v)·x + √ε·z settles at v/(1 − ε/4v).
        double expected = adjusted ? Variance : Variance / (1 - StepSize / (4 * Variance));
        double actual = chain.State.data<double>().ToArray().Average(value => value * value);
        // Four standard errors of a variance from 2·Rows values.
        Assert.AreEqual(expected, actual, 4 * expected * Math.Sqrt(2.0 / (2 * Rows)));
        Assert.AreEqual(adjusted, chain.AcceptanceRate is > 0.7 and < 1);
    }

    [TestMethod]
    public void Step_MalaOnTheMixture_RecoversMeanAndCovariance()
    {
        const int Rows = 2_000;
        var density = new DifferentiableLogDensity(x => ExactMixture.Denoiser.LogDensity(x, NoiseLevel.Clean));
        using var like = ExactMixture.Rows(Rows);
        using var start = new ScatteredNoise(4).Normal(0, like);
        using var chain = new MarkovChain(density, KnownKernels.Mala(0.25), start, new ScatteredNoise(4));
        for (int k = 0; k < 200; k++)
            chain.Step();
        // Exact but for what is left of the start: a hundredth.
        Moments.AssertMixture(chain.State, Moments.FourErrors(Rows) + 0.01);
        Assert.IsInRange(0.5, 0.95, chain.AcceptanceRate!.Value);
    }

    [TestMethod]
    public void Step_Rows_DoNotDependOnTheirNeighbours()
    {
        using var start = new ScatteredNoise(5).Normal(0, ExactMixture.Rows(3));
        using var first = start.narrow(0, 0, 1);
        using var chain = new MarkovChain(Gaussian, KnownKernels.Mala(0.5), start, new ScatteredNoise(5));
        using var alone = new MarkovChain(Gaussian, KnownKernels.Mala(0.5), first, new ScatteredNoise(5));
        for (int k = 0; k < 20; k++)
        {
            chain.Step();
            alone.Step();
        }
        Assert.AreSequenceEqual(alone.State.data<double>().ToArray(), chain.State.data<double>().ToArray()[..2]);
    }

    [TestMethod]
    public void Step_AnyKernel_LeavesNoTensorAndTheStartAsItWas()
    {
        using var start = ExactMixture.Rows(3);
        foreach (var kernel in new[] { KnownKernels.RandomWalk(0.5), KnownKernels.Mala(0.1), KnownKernels.Ula(0.1), new MarkovKernel(new AutoregressiveProposal(0.5, 0.5, [1, 2])) })
            foreach (var density in new ILogDensity[] { Gaussian, new DenoiserLogDensity(ExactMixture.Denoiser, new NoiseLevel(0.9, 0.4), Conditioning.None, innerPoints: 2) })
                TensorLeak.AssertNone(() =>
                {
                    using var chain = new MarkovChain(density, kernel, start, new ScatteredNoise(6));
                    for (int k = 0; k < 3; k++)
                        chain.Step();
                });
        Assert.AreEqual(0, start.data<double>().ToArray().Max(Math.Abs));
    }

    [TestMethod]
    public void At_NotDifferentiableOrOfAnotherShape_IsRefusedAndLeavesNothing()
    {
        using var start = full(2, 1, 0.5, dtype: float64);
        TensorLeak.AssertNone(() =>
        {
            Assert.Contains("needs none", Assert.ThrowsExactly<InvalidOperationException>(() => new MarkovChain(Steps(), KnownKernels.Mala(0.1), start, new ScatteredNoise(1))).Message);
            var wrong = new DifferentiableLogDensity(x => x.clone());
            Assert.Contains("each of the 2 rows, got [2, 1]", Assert.ThrowsExactly<InvalidOperationException>(() => new MarkovChain(wrong, KnownKernels.RandomWalk(1), start, new ScatteredNoise(1))).Message);
        });
    }

    [TestMethod]
    public void Constructor_BadInput_SaysWhatWasGot()
    {
        Assert.Contains("-1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RandomWalkProposal(-1)).Message);
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LangevinProposal(0)).Message);
        Assert.Contains("[−1, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AutoregressiveProposal(1.5, 1)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => new AutoregressiveProposal(0.5, 1, [double.NaN]));
        Assert.Contains("must be adjusted", Assert.ThrowsExactly<ArgumentException>(() => new MarkovKernel(new RandomWalkProposal(1), adjusted: false)).Message);
        using var row = zeros(2, dtype: float64);
        Assert.ThrowsExactly<ArgumentException>(() => new MarkovChain(Gaussian, KnownKernels.Ula(0.1), row, new ScatteredNoise(1)));
    }

    private static DifferentiableLogDensity Steps() => new(x => tensor((double[])[.. x.data<double>().ToArray().Select(value => value is >= 0 and < 4 ? Math.Log(Weights[(int)value]) : double.NegativeInfinity)]));

    private static int[] Bins(Tensor x) => [.. x.data<double>().ToArray().Select(value => (int)value)];

    // A bin by its weight, and a place in it.
    private static Tensor Draw(int rows)
    {
        using var like = zeros(rows, 2, dtype: float64);
        using var uniform = new ScatteredNoise(9).Uniform(0, like);
        double[] u = uniform.data<double>().ToArray();
        var values = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            double left = u[2 * row] * Weights.Sum();
            int bin = 0;
            while (left >= Weights[bin])
                left -= Weights[bin++];
            values[row] = bin + u[2 * row + 1];
        }
        return tensor(values, rows, 1);
    }
}
