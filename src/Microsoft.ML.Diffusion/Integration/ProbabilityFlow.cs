using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The probability-flow ODE, dx/dt = α'·x̂0 + σ'·ε̂ with ε̂ = (x − α·x̂0)/σ, which is f·x − ½g²·score (Song et al. 2021, arXiv:2011.13456, eq. 13). Its state is
/// the rows of x, flat.
/// </summary>
internal sealed class ProbabilityFlow(IDenoiser denoiser, OdePath path, Conditioning condition, long[] shape, IProgress<SamplingProgress>? progress) : IRowOde
{
    private int _evaluations;

    public IReadOnlyList<int> Parts { get; } = [checked((int)shape.Skip(1).Aggregate(1L, (product, size) => product * size))];

    public NoiseLevel LevelAt(double time) => path.LevelAt(time);

    public Tensor Slope(Tensor state, double[] times)
    {
        using var x = state.view(shape);
        using var drift = Drift(x, times);
        return drift.reshape(state.shape);
    }

    /// <summary>dx/dt of each row, with a graph where gradients are recorded: a fresh tensor of the shape of x.</summary>
    public Tensor Drift(Tensor x, double[] times)
    {
        var levels = path.LevelsAt(times);
        var answer = denoiser.Denoise(x, new StepContext(levels), condition);
        answer.LogVariance?.Dispose();
        using var x0 = answer.X0;
        // x itself is in the result, so that nothing behind would notice that the denoiser's part of the derivative is lost.
        if (is_grad_enabled() && x.requires_grad && !x0.requires_grad)
            throw new InvalidOperationException("The denoiser's answer records no gradient, so that its derivative is unknown: it must compute with gradients enabled.");
        progress?.Report(new SamplingProgress(++_evaluations, null, levels[0]));
        double[] ofData = new double[times.Length], ofState = new double[times.Length];
        for (int row = 0; row < times.Length; row++)
        {
            var (alpha, sigma) = levels[row];
            var velocity = path.VelocityAt(times[row]);
            ofState[row] = velocity.Sigma / sigma;
            ofData[row] = velocity.Alpha - ofState[row] * alpha;
        }
        using var dataColumn = RowTensors.Column(ofData, x);
        using var stateColumn = RowTensors.Column(ofState, x);
        using var data = x0.mul(dataColumn);
        using var noise = x.mul(stateColumn);
        return data.Plus(noise);
    }
}
