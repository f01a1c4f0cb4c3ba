using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver-12 or -23 with adaptive steps in λ = ln(α/σ) (Lu et al. 2022, arXiv:2206.00927, Algorithm 3 and appendix C), controlled as in k-diffusion by a PID
/// controller. Of the grid it uses the first and the last level alone; a grid that ends at clean data is integrated to the schedule's smallest noise ratio, where
/// the denoiser's estimate is the sample.
/// </summary>
/// <remarks>Immutable and thread safe. Takes no grids that start at pure noise (α = 0), whose λ is −∞.</remarks>
public sealed class DpmAdaptiveSampler : ISampler
{
    private readonly int _order = 3;
    private readonly double _relativeTolerance = 0.05;
    private readonly double _absoluteTolerance = 0.0078;
    private readonly double _firstStep = 0.05;
    private readonly double _acceptSafety = 0.81;
    private readonly double _eta;
    private readonly double _noiseScale = 1;
    private readonly int _maxEvaluations = 10_000;

    /// <summary>The order, and the number of evaluations of a step: 2 or 3. 3 unless set.</summary>
    public int Order
    {
        get => _order;
        init => _order = value is 2 or 3 ? value : throw new ArgumentOutOfRangeException(nameof(Order), value, "The order must be 2 or 3.");
    }

    /// <summary>The error of a step relative to the size of the state; positive, finite. 0.05 unless set.</summary>
    public double RelativeTolerance
    {
        get => _relativeTolerance;
        init => _relativeTolerance = Positive(value, nameof(RelativeTolerance));
    }

    /// <summary>The error of a step where the state is near 0; positive, finite. 0.0078, one of 256 levels of pixels in [−1, 1], unless set.</summary>
    public double AbsoluteTolerance
    {
        get => _absoluteTolerance;
        init => _absoluteTolerance = Positive(value, nameof(AbsoluteTolerance));
    }

    /// <summary>The first step in λ; positive, finite. 0.05 unless set.</summary>
    public double FirstStep
    {
        get => _firstStep;
        init => _firstStep = Positive(value, nameof(FirstStep));
    }

    /// <summary>How step lengths answer to errors; the integral term alone unless set.</summary>
    public PidGains Gains { get; init; } = new(0, 1, 0);

    /// <summary>A step is accepted where the controller would not shorten it below this factor; positive, finite. 0.81 unless set.</summary>
    public double AcceptSafety
    {
        get => _acceptSafety;
        init => _acceptSafety = Positive(value, nameof(AcceptSafety));
    }

    /// <summary>η: how much of the noise each step removes is renewed; not negative, finite. 0, deterministic, unless set.</summary>
    public double Eta
    {
        get => _eta;
        init => _eta = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(Eta), value, "η must not be negative, and finite.");
    }

    /// <summary>The scale of the noise that η adds; positive, finite. 1 unless set.</summary>
    public double NoiseScale
    {
        get => _noiseScale;
        init => _noiseScale = Positive(value, nameof(NoiseScale));
    }

    /// <summary>Whether one step length serves the whole batch, as in k-diffusion: a sample then depends on its neighbours. Each row has its own unless set.</summary>
    public bool WholeBatch { get; init; }

    bool ISampler.MixesRows => WholeBatch;

    /// <summary>The largest number of denoiser calls, after which the run ends with an error; positive. 10,000 unless set.</summary>
    public int MaxEvaluations
    {
        get => _maxEvaluations;
        init => _maxEvaluations = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxEvaluations), value, "The largest number of evaluations must be positive.");
    }

    /// <inheritdoc/>
    public ISamplingProgram Prepare(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (grid.Levels[0].Alpha == 0)
            throw new ArgumentException("DPM-Solver integrates in λ = ln(α/σ), which is −∞ at pure noise: start the grid where α is above 0, or use another sampler.", nameof(grid));
        return new Program(grid, this);
    }

    private static double Positive(double value, string name)
        => value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be positive and finite.");

    private sealed class Program(TimeGrid grid, DpmAdaptiveSampler options) : ISamplingProgram
    {
        private readonly bool _endsClean = grid.Levels[^1].Sigma == 0;

        public TimeGrid Grid => grid;

        public int? Evaluations => null;

        public Tensor Run(IDenoiser denoiser, Tensor start, Conditioning condition, INoiseSource noise, IProgress<SamplingProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            SamplingArguments.Check(denoiser, start, condition, noise);
            using var off = no_grad();
            double end = -Math.Log(_endsClean ? OdePath.SmallestRatio(grid) : grid.Levels[^1].Ratio);
            var asked = new RatioDenoiser(denoiser, condition, options.MaxEvaluations, progress, cancellationToken);
            using var x = start.Times(1 / grid.Levels[0].Alpha);
            using var result = new DpmAdaptiveRun(options, asked, noise, x, grid.Levels[0].Lambda, end).ToEnd();
            if (!_endsClean)
                return result.Times(grid.Levels[^1].Alpha);
            double[] ends = new double[start.size(0)];
            Array.Fill(ends, end);
            using var x0 = asked.Denoise(result, ends, [.. ends.Select(_ => true)]);
            return x0.Times(grid.Levels[^1].Alpha);
        }
    }
}
