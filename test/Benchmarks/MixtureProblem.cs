using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// Data from a Gaussian mixture with its exact denoiser: nothing but the solver can err. Five components of unlike weights lie a few of their standard deviations
/// apart; each is drawn out in random directions, its longest axis eight times its shortest. As a whole the data has EDM's σ_data of 0.5.
/// </summary>
internal sealed class MixtureProblem : IDisposable
{
    private const int Components = 5;
    private const double Shortest = 0.1, Longest = 0.8, Spread = 2, DataDeviation = 0.5;
    // The end of the reference's grid: the step from there to clean data errs by its square.
    private const double ReferenceEnd = 1e-5;

    private readonly Tensor _noise;
    private readonly Tensor _covariance;
    private readonly Dictionary<double, Tensor> _references = [];

    public MixtureProblem(int dimension, int rows = 64)
    {
        Dimension = dimension;
        var random = new Random(dimension);
        double[] weights = [.. Enumerable.Range(0, Components).Select(k => k + 1.0)];
        // Means of the same length in every dimension, so that the components do not drift apart with it.
        var means = Enumerable.Range(0, Components).Select(_ => Spread / Math.Sqrt(dimension) * Vector<double>.Build.Dense(dimension, _ => Normal.Sample(random, 0, 1))).ToArray();
        var covariances = Enumerable.Range(0, Components).Select(_ => Covariance(dimension, random)).ToArray();
        double total = weights.Sum();
        var mean = means.Select((m, k) => weights[k] / total * m).Aggregate((left, right) => left + right);
        var covariance = Enumerable.Range(0, Components).Select(k => weights[k] / total * (covariances[k] + (means[k] - mean).OuterProduct(means[k] - mean))).Aggregate((left, right) => left + right);
        double scale = DataDeviation / Math.Sqrt(covariance.Trace() / dimension);
        Denoiser = new GaussianMixtureDenoiser(weights, [.. means.Select(m => (scale * (m - mean)).ToArray())], [.. covariances.Select(c => (scale * scale * c).ToArray())]);
        _covariance = tensor((scale * scale * covariance).ToRowMajorArray(), [dimension, dimension]);
        using var like = zeros(rows, dimension, dtype: float64);
        _noise = Noise(rows).Normal(0, like);
    }

    public int Dimension { get; }

    public GaussianMixtureDenoiser Denoiser { get; }

    /// <summary>The root mean square over rows and coordinates of the distance to the end point of the exact flow from the same noise.</summary>
    public double Error(SamplingPlan plan)
    {
        using var sample = Run(plan);
        return Distance(sample, Reference(plan.Grid.Levels[0], plan.Grid.PriorScale));
    }

    /// <summary>Runs a plan from this problem's noise.</summary>
    public Tensor Run(SamplingPlan plan)
    {
        using var start = _noise.mul(plan.Grid.PriorScale);
        return PlanRunner.Run(plan, Denoiser, start, Conditioning.None, Noise((int)_noise.size(0)));
    }

    /// <summary>The root mean square of the difference.</summary>
    public static double Distance(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return (left - right).square().mean().sqrt().item<double>();
    }

    /// <summary>How far the samples' mean and covariance are from the data's: norms of the differences over σ_data and over that of the covariance.</summary>
    public (double Mean, double Covariance) MomentErrors(SamplingPlan plan)
    {
        using var scope = NewDisposeScope();
        var sample = Run(plan);
        var mean = sample.mean([0L], keepdim: true);
        var centred = sample - mean;
        var covariance = centred.t().mm(centred) / sample.size(0);
        // The data is centred.
        return (mean.norm().item<double>() / DataDeviation, (covariance - _covariance).norm().item<double>() / _covariance.norm().item<double>());
    }

    /// <summary>How far two references, one on half the grid of the other, are apart: what errors below it mean is unknown.</summary>
    public double ReferenceError { get; private set; }

    private static RowNoise Noise(int rows) => new(1, [.. Enumerable.Range(0, rows).Select(row => new RowKey((ulong)row, 0))]);

    public void Dispose()
    {
        _noise.Dispose();
        _covariance.Dispose();
        foreach (var reference in _references.Values)
            reference.Dispose();
    }

    // Denoisers are homogeneous: the flow from x at (α, σ) is that from x/α at (1, σ/α).
    private Tensor Reference(NoiseLevel level, double priorScale)
    {
        if (_references.TryGetValue(level.Ratio, out var known))
            return known;
        using var start = _noise.mul(priorScale / level.Alpha);
        Tensor Solve(int steps)
        {
            var grid = new KarrasSpacing(7, ReferenceEnd, level.Ratio).Grid(KnownSchedules.Edm, steps);
            return PlanRunner.Run(KnownSolvers.RungeKutta4.Plan(grid), Denoiser, start, Conditioning.None, Noise((int)start.size(0)));
        }
        using var coarse = Solve(400);
        var fine = Solve(800);
        ReferenceError = Math.Max(ReferenceError, Distance(fine, coarse));
        return _references[level.Ratio] = fine;
    }

    private static Matrix<double> Covariance(int dimension, Random random)
    {
        var turn = Matrix<double>.Build.Dense(dimension, dimension, (_, _) => Normal.Sample(random, 0, 1)).GramSchmidt().Q;
        var variances = Vector<double>.Build.Dense(dimension, i => Math.Pow(Shortest * Math.Pow(Longest / Shortest, (double)i / (dimension - 1)), 2));
        var covariance = turn * Matrix<double>.Build.Diagonal(variances.ToArray()) * turn.Transpose();
        // Symmetric to the last bit.
        return (covariance + covariance.Transpose()) / 2;
    }
}
