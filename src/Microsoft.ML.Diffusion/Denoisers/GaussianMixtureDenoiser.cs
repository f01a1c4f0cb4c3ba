using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The exact denoiser of data from a Gaussian mixture, x0 ~ Σ w_k·N(m_k, C_k): the posterior mean
/// E[x0 | x = α·x0 + σ·ε] = Σ_k p_k(x)·(m_k + α·C_k·S_k⁻¹·(x − α·m_k)) with S_k = α²·C_k + σ²·I and
/// p_k ∝ w_k·N(x; α·m_k, S_k). Samplers are tested with it, because with it nothing but the sampler can err.
/// </summary>
/// <remarks>
/// Immutable and thread safe. Covariances are decomposed once, C_k = Q_k·Λ_k·Q_kᵀ; a call is three matrix products, in the type of x.
/// Conditions are ignored.
/// </remarks>
public sealed class GaussianMixtureDenoiser : IDenoiser
{
    private readonly int _components;
    private readonly int _dimension;
    private readonly double[] _logWeights;
    private readonly double[] _variances;    // [K, d]: the diagonals of Λ_k
    private readonly double[] _means;        // [K, d]
    private readonly double[] _turnedMeans;  // [K, d]: Q_kᵀ·m_k
    private readonly double[] _turn;         // [d, K·d]: the Q_k side by side

    /// <summary>The denoiser of a mixture.</summary>
    /// <param name="weights">The weight of each of the K components; positive, of any sum.</param>
    /// <param name="means">The mean of each component, of dimension d.</param>
    /// <param name="covariances">The covariance of each component, d×d, symmetric and positive semi-definite.</param>
    /// <exception cref="ArgumentException">Counts or dimensions differ, or a value is not legal; names the component.</exception>
    public GaussianMixtureDenoiser(IReadOnlyList<double> weights, IReadOnlyList<double[]> means, IReadOnlyList<double[,]> covariances)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(covariances);
        _components = weights.Count;
        if (_components == 0 || means.Count != _components || covariances.Count != _components)
            throw new ArgumentException($"Expected as many weights as means and covariances, at least one, got {weights.Count}, {means.Count} and {covariances.Count}.", nameof(weights));
        int d = _dimension = means[0].Length;
        double total = weights.Sum();
        _logWeights = new double[_components];
        _variances = new double[_components * d];
        _means = new double[_components * d];
        _turnedMeans = new double[_components * d];
        _turn = new double[d * _components * d];
        for (int k = 0; k < _components; k++)
        {
            if (!(weights[k] > 0 && double.IsFinite(total)))
                throw new ArgumentException($"Weights must be positive and finite, but weight {k} is {weights[k]}.", nameof(weights));
            if (d == 0 || means[k].Length != d || covariances[k].GetLength(0) != d || covariances[k].GetLength(1) != d)
                throw new ArgumentException($"Component {k} must have a mean of {d} values and a covariance of {d}×{d}, got {means[k].Length} and {covariances[k].GetLength(0)}×{covariances[k].GetLength(1)}.", nameof(means));
            _logWeights[k] = Math.Log(weights[k] / total);
            Decompose(k, means[k], covariances[k]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Rows of x do not have d values.</exception>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var levels = step.Level;
        using var rows = Rows(x);
        if (levels.Count != 1 && levels.Count != x.size(0))
            throw new ArgumentException($"The batch has {Plural.Of(x.size(0), "row")} but {Plural.Of(levels.Count, "noise level")}.", nameof(step));
        using var posterior = PosteriorMean(rows, levels);
        return new Denoised(posterior.view_as(x));
    }

    /// <summary>The logarithm of the density of noisy data, ln Σ_k w_k·N(x; α·m_k, α²·C_k + σ²·I), in nats: a fresh tensor [B] of the type of x.</summary>
    /// <param name="x">x [B, ...], rows of d values.</param>
    /// <param name="level">The level of x. Clean data has a density only where every covariance is positive definite.</param>
    /// <exception cref="ArgumentException">Rows of x do not have d values, or there is no density at the level.</exception>
    public Tensor LogDensity(Tensor x, NoiseLevel level)
    {
        using var rows = Rows(x);
        var (alpha, sigma) = level;
        long k = _components, d = _dimension;
        double[] variances = [.. _variances.Select(variance => alpha * alpha * variance + sigma * sigma)];
        if (!variances.All(variance => variance > 0))
            throw new ArgumentException($"The mixture has no density at level {level}: a covariance is singular there.", nameof(level));
        double[] logScales = [.. _logWeights.Select((weight, i) => weight - variances.Skip(i * _dimension).Take(_dimension).Sum(variance => Math.Log(2 * Math.PI * variance)) / 2)];
        using var offset = Turned(rows, [.. _turnedMeans.Select(mean => alpha * mean)], 1);
        using var exponents = Exponents(offset, [.. variances.Select(variance => 1 / variance)], logScales, 1);
        return exponents.logsumexp(1);
    }

    private Tensor Rows(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.dim() < 2 || x.numel() != x.size(0) * _dimension)
            throw new ArgumentException($"Expected a batch of rows of {_dimension} values, got [{string.Join(", ", x.shape)}].", nameof(x));
        return x.reshape(x.size(0), _dimension);
    }

    // y = Q_kᵀ·(x − α·m_k), [B, K, d].
    private Tensor Turned(Tensor x, double[] shifts, long levels)
    {
        using var turn = Like(x, _turn, _dimension, _components * _dimension);
        using var shift = Like(x, shifts, levels, _components, _dimension);
        using var turned = x.mm(turn);
        using var viewed = turned.view(-1, _components, _dimension);
        return viewed.Minus(shift);
    }

    // ln(w_k·N(x; α·m_k, S_k)) up to what the scales leave out, [B, K].
    private Tensor Exponents(Tensor offset, double[] precisions, double[] logScales, long levels)
    {
        using var precision = Like(offset, precisions, levels, _components, _dimension);
        using var logScale = Like(offset, logScales, levels, _components);
        using var squares = offset.Squared().mul_(precision);
        return squares.sum(2).TimesInPlace(-0.5).PlusInPlace(logScale);
    }

    private Tensor PosteriorMean(Tensor x, NoiseLevels levels)
    {
        long k = _components, d = _dimension;
        // What depends on levels alone is small and computed in double, a row for each level.
        var shifts = new double[levels.Count * k * d];
        var gains = new double[levels.Count * k * d];
        var precisions = new double[levels.Count * k * d];
        var logScales = new double[levels.Count * k];
        for (int row = 0; row < levels.Count; row++)
            FillRow(levels[row], row, shifts, gains, precisions, logScales);
        using var turn = Like(x, _turn, d, k * d);
        using var gain = Like(x, gains, levels.Count, k, d);
        using var means = Like(x, _means, k, d);
        using var offset = Turned(x, shifts, levels.Count);
        using var exponents = Exponents(offset, precisions, logScales, levels.Count);
        using var shares = exponents.softmax(1);
        using var column = shares.unsqueeze(2);
        // Not in place: gradients need the offset again.
        using var gained = offset.mul(gain);
        using var pull = gained.mul(column);
        using var flat = pull.view(-1, k * d);
        using var back = turn.t();
        using var correction = flat.mm(back);
        return shares.mm(means).PlusInPlace(correction);
    }

    private void FillRow(NoiseLevel level, int row, double[] shifts, double[] gains, double[] precisions, double[] logScales)
    {
        var (alpha, sigma) = level;
        for (int k = 0; k < _components; k++)
        {
            double logDeterminant = 0;
            for (int j = 0; j < _dimension; j++)
            {
                int at = (k * _dimension) + j, to = (row * _components * _dimension) + at;
                double variance = alpha * alpha * _variances[at] + sigma * sigma;
                shifts[to] = alpha * _turnedMeans[at];
                // Clean data is its own estimate, whatever the component: x/α.
                gains[to] = sigma == 0 ? 1 / alpha : alpha * _variances[at] / variance;
                precisions[to] = sigma == 0 ? 0 : 1 / variance;
                logDeterminant += sigma == 0 ? 0 : Math.Log(variance);
            }
            logScales[(row * _components) + k] = _logWeights[k] - logDeterminant / 2;
        }
    }

    private void Decompose(int k, double[] mean, double[,] covariance)
    {
        int d = _dimension;
        var matrix = Matrix<double>.Build.DenseOfArray(covariance);
        double scale = matrix.Enumerate().Max(Math.Abs);
        // What rounding in the arithmetic of a covariance leaves behind.
        double tolerance = 1e-12 * scale;
        if (!double.IsFinite(scale) || !mean.All(double.IsFinite) || (matrix - matrix.Transpose()).Enumerate().Max(Math.Abs) > tolerance)
            throw new ArgumentException($"The mean of component {k} must be finite and its covariance finite and symmetric.", nameof(covariance));
        var decomposition = matrix.Evd(Symmetricity.Symmetric);
        for (int j = 0; j < d; j++)
        {
            double variance = decomposition.EigenValues[j].Real;
            if (variance < -tolerance * d)
                throw new ArgumentException($"The covariance of component {k} must be positive semi-definite, but has the eigenvalue {variance:g6}.", nameof(covariance));
            _variances[(k * d) + j] = Math.Max(variance, 0);
            _means[(k * d) + j] = mean[j];
            for (int i = 0; i < d; i++)
            {
                double q = decomposition.EigenVectors[i, j];
                _turn[(i * _components * d) + (k * d) + j] = q;
                _turnedMeans[(k * d) + j] += q * mean[i];
            }
        }
    }

    private static Tensor Like(Tensor x, double[] values, params ReadOnlySpan<long> shape)
    {
        using var host = tensor(values, shape);
        return host.to(x.dtype, x.device, copy: true);
    }
}
