using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Integrates the probability-flow ODE with steps that follow an error estimate (Song et al. 2021, arXiv:2011.13456, section 4.3): deterministic, as exact as asked
/// for, at as many evaluations as that takes. Of the grid it uses the first and the last level alone; a grid that ends at clean data is integrated to
/// the schedule's smallest noise ratio, where the denoiser's estimate is the sample.
/// </summary>
/// <param name="stepping">Tolerances and step control; those of <see cref="AdaptiveStepping"/> unless given.</param>
/// <param name="denoisingChain">
/// Ends a run whose grid does not end at clean data with the mean of a reverse diffusion step, as score_sde's <c>denoise</c> does: the number of steps of the chain to
/// which that step belongs (1000 there), at least 2. No such step unless given.
/// </param>
public sealed class AdaptiveOdeSampler(AdaptiveStepping? stepping = null, int? denoisingChain = null) : ISampler
{
    /// <summary>Tolerances and step control.</summary>
    public AdaptiveStepping Stepping { get; } = stepping ?? new AdaptiveStepping();

    /// <summary>The number of steps of the chain to which a last step of reverse diffusion belongs; null for none.</summary>
    public int? DenoisingChain { get; } = denoisingChain is null or >= 2
        ? denoisingChain
        : throw new ArgumentOutOfRangeException(nameof(denoisingChain), denoisingChain, "A chain has at least 2 steps.");

    bool ISampler.MixesRows => Stepping.WholeBatch;

    /// <inheritdoc/>
    public ISamplingProgram Prepare(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        return new Program(grid, Stepping, LastStep(grid));
    }

    // What the state and the estimate x̂0 at the end of the path weigh in the sample; null where the state is the sample.
    private (double State, double Estimate)? LastStep(TimeGrid grid)
    {
        var (alpha, sigma) = grid.Levels[^1];
        if (sigma == 0)
            return (0, alpha);
        if (DenoisingChain is not { } steps)
            return null;
        // x − f·x + G²·score with score = (α·x̂0 − x)/σ² (Song et al. 2021, arXiv:2011.13456, eq. 46, without its noise).
        var (drift, diffusion) = grid.Schedule.Discretize(grid.Times[^1], steps);
        double pull = diffusion * diffusion / (sigma * sigma);
        return (1 - drift - pull, pull * alpha);
    }

    private sealed class Program(TimeGrid grid, AdaptiveStepping stepping, (double State, double Estimate)? lastStep) : ISamplingProgram
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
            return lastStep is { } weights ? Finish(denoiser, x, condition, weights.State, weights.Estimate) : x.clone();
        }

        private Tensor Finish(IDenoiser denoiser, Tensor x, Conditioning condition, double ofState, double ofEstimate)
        {
            var level = new NoiseLevels(_path.LevelAt(_path.Clean));
            var answer = denoiser.Denoise(x, new StepContext(level, grid.Levels[^1]), condition);
            answer.LogVariance?.Dispose();
            using var x0 = answer.X0;
            using var answers = new AnswerCheck();
            answers.Note(x0, level[0]);
            answers.ThrowIfNotFinite();
            using var kept = x.Times(ofState);
            using var estimate = x0.Times(ofEstimate);
            return estimate.Plus(kept);
        }
    }
}
