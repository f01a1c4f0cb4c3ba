using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser asked at noise ratios, a λ = −ln(σ/α) for each row, in variance-exploding form; counts and checks answers.</summary>
internal sealed class RatioDenoiser(IDenoiser denoiser, Conditioning condition, int maxEvaluations, IProgress<SamplingProgress>? progress, CancellationToken cancellationToken)
{
    private int _evaluations;

    /// <summary>x̂0: a fresh tensor.</summary>
    public Tensor Denoise(Tensor x, double[] lambdas, ReadOnlySpan<bool> active)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var levels = new NoiseLevels([.. lambdas.Select(lambda => NoiseLevel.FromRatio(Math.Exp(-lambda)))]);
        if (_evaluations >= maxEvaluations)
            throw new InvalidOperationException($"The sampler has used up its {maxEvaluations} evaluations at level {levels[active.IndexOf(true)]}: raise MaxEvaluations, or loosen the tolerances.");
        var answer = denoiser.Denoise(x, new StepContext(levels), condition);
        answer.LogVariance?.Dispose();
        _evaluations++;
        progress?.Report(new SamplingProgress(_evaluations, null, levels[0]));
        if (RowTensors.FirstNotFinite(answer.X0, active) is not { } row)
            return answer.X0;
        answer.X0.Dispose();
        throw new InvalidOperationException($"The denoiser answered with NaN or infinity at level {levels[row]}, evaluation {_evaluations}.");
    }

    /// <summary>ε̂ = (x − x̂0)/σ: a fresh tensor.</summary>
    public Tensor Noise(Tensor x, double[] lambdas, ReadOnlySpan<bool> active)
    {
        using var x0 = Denoise(x, lambdas, active);
        using var inverse = RowTensors.Column([.. lambdas.Select(Math.Exp)], x);
        using var difference = x.Minus(x0);
        return difference.mul(inverse);
    }
}
