using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>
/// Two to four steps over EDM's whole range of noise overshoot in the reference as here: the loops of k-diffusion's <c>sampling.py</c>,
/// written out, on a Gaussian's exact denoiser.
/// </summary>
[TestClass]
public sealed class FewStepsReferenceTests
{
    private const double Mean = 0.5, Deviation = 0.5;

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Heun_FewStepsOfTheKarrasGrid_IsSampleHeun(int steps) => AreEqual(KnownSolvers.Heun, steps, (x, sigma, next) =>
    {
        double slope = (x - Denoise(x, sigma)) / sigma, guess = x + slope * (next - sigma);
        return next == 0 ? guess : x + (slope + (guess - Denoise(guess, next)) / next) / 2 * (next - sigma);
    });

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void DpmSolver2_FewStepsOfTheKarrasGrid_IsSampleDpm2(int steps) => AreEqual(KnownSolvers.DpmSolver2, steps, Dpm2);

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void DpmSolver2Ancestral_FewStepsOfTheKarrasGrid_IsSampleDpm2Ancestral(int steps) => AreEqual(KnownSolvers.DpmSolver2Ancestral, steps, (x, sigma, next) =>
    {
        // get_ancestral_step with η = 1; the noise itself is 0 here.
        double up = next == 0 ? 0 : Math.Min(next, Math.Sqrt(next * next * (sigma * sigma - next * next) / (sigma * sigma)));
        return Dpm2(x, sigma, Math.Sqrt(next * next - up * up));
    });

    private static double Dpm2(double x, double sigma, double next)
    {
        double slope = (x - Denoise(x, sigma)) / sigma;
        if (next == 0)
            return x + slope * (next - sigma);
        double middle = Math.Sqrt(sigma * next), guess = x + slope * (middle - sigma);
        return x + (guess - Denoise(guess, middle)) / middle * (next - sigma);
    }

    private static double Denoise(double x, double sigma) => Mean + Deviation * Deviation / (Deviation * Deviation + sigma * sigma) * (x - Mean);

    private static void AreEqual(ISolver solver, int steps, Func<double, double, double, double> step)
    {
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, steps);
        double[] sigmas = [.. grid.Levels.Select(level => level.Ratio)];
        double x = 80;
        for (int i = 0; i < steps; i++)
            x = step(x, sigmas[i], sigmas[i + 1]);
        using var scope = NewDisposeScope();
        var start = full([1, 1], 80.0, float64);
        var denoiser = new GaussianMixtureDenoiser([1], [[Mean]], [new[,] { { Deviation * Deviation } }]);
        double actual = PlanRunner.Run(solver.Plan(grid), denoiser, start, Conditioning.None, new NoNoise()).item<double>();
        Assert.AreEqual(x, actual, 1e-9 * Math.Max(1, Math.Abs(x)));
    }

    private sealed class NoNoise : INoiseSource
    {
        public Tensor Normal(int draw, Tensor like) => zeros_like(like);

        public Tensor Uniform(int draw, Tensor like) => zeros_like(like);
    }
}
