using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Integrates the probability-flow ODE with steps that follow an error estimate (Song et al. 2021, arXiv:2011.13456, section 4.3): deterministic, as exact as asked
/// for, at as many evaluations as that takes. Of the grid it uses the first and the last level alone; a grid that ends at clean data is integrated to
/// the schedule's smallest noise ratio, where the denoiser's estimate is the sample.
/// </summary>
/// <param name="stepping">Tolerances and step control; those of <see cref="AdaptiveStepping"/> unless given.</param>
public sealed class AdaptiveOdeSampler(AdaptiveStepping? stepping = null) : ISampler
{
    /// <summary>Tolerances and step control.</summary>
    public AdaptiveStepping Stepping { get; } = stepping ?? new AdaptiveStepping();

    /// <inheritdoc/>
    public ISamplingProgram Prepare(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        return new Program(grid, Stepping);
    }

    private sealed class Program(TimeGrid grid, AdaptiveStepping stepping) : ISamplingProgram
    {
        private readonly OdePath _path = OdePath.Of(grid);

        public TimeGrid Grid => grid;

        public int? Evaluations => null;

        public Tensor Run(IDenoiser denoiser, Tensor start, Conditioning condition, INoiseSource noise, IProgress<SamplingProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            SamplingArguments.Check(denoiser, start, condition, noise);
            using var off = no_grad();
            var flow = new ProbabilityFlow(denoiser, _path, condition, start.shape, progress);
            using var flat = start.reshape(start.size(0), -1);
            using var end = new AdaptiveRungeKutta(flow, stepping, cancellationToken).Integrate(flat, _path.Noisy, _path.Clean);
            using var x = end.view(start.shape);
            return grid.Levels[^1].Sigma == 0 ? Clean(denoiser, x, condition) : x.clone();
        }

        private Tensor Clean(IDenoiser denoiser, Tensor x, Conditioning condition)
        {
            var answer = denoiser.Denoise(x, new StepContext(_path.LevelsAt([_path.Clean]), NoiseLevel.Clean), condition);
            answer.LogVariance?.Dispose();
            using var x0 = answer.X0;
            return x0.Times(grid.Levels[^1].Alpha);
        }
    }
}
