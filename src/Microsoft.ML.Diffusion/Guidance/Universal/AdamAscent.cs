using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Steps of Adam (Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1), about as large in every place, however large the gradient: what the authors of universal guidance run.
/// </summary>
/// <param name="beta1">β1, how long the mean of gradients is remembered; in [0, 1). 0.9 unless given.</param>
/// <param name="beta2">β2, how long the mean of their squares is; in [0, 1). 0.999 unless given.</param>
/// <param name="epsilon">ε, added to the root of the mean square; positive. 1e-8 unless given.</param>
public sealed class AdamAscent(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : AscentRule
{
    /// <summary>β1.</summary>
    public double Beta1 { get; } = beta1 is >= 0 and < 1 ? beta1 : throw new ArgumentOutOfRangeException(nameof(beta1), beta1, "β1 must be in [0, 1).");

    /// <summary>β2.</summary>
    public double Beta2 { get; } = beta2 is >= 0 and < 1 ? beta2 : throw new ArgumentOutOfRangeException(nameof(beta2), beta2, "β2 must be in [0, 1).");

    /// <summary>ε.</summary>
    public double Epsilon { get; } = epsilon > 0 && double.IsFinite(epsilon) ? epsilon : throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "ε must be positive and finite.");

    internal override IAscent Begin() => new Climb(this);

    private sealed class Climb(AdamAscent rule) : IAscent
    {
        private Tensor? _mean;
        private Tensor? _square;
        private int _steps;

        public Tensor Next(Tensor gradient)
        {
            _steps++;
            _mean ??= zeros_like(gradient);
            _square ??= zeros_like(gradient);
            using var fresh = gradient.Times(1 - rule.Beta1);
            using var squared = gradient.Squared().TimesInPlace(1 - rule.Beta2);
            _mean.TimesInPlace(rule.Beta1).PlusInPlace(fresh);
            _square.TimesInPlace(rule.Beta2).PlusInPlace(squared);
            // m̂/(√v̂ + ε).
            using var unbiased = _square.Times(1 / (1 - Math.Pow(rule.Beta2, _steps)));
            using var scale = unbiased.sqrt().PlusInPlace(rule.Epsilon);
            using var mean = _mean.Times(1 / (1 - Math.Pow(rule.Beta1, _steps)));
            return mean.div(scale);
        }

        public void Dispose()
        {
            _mean?.Dispose();
            _square?.Dispose();
        }
    }
}
