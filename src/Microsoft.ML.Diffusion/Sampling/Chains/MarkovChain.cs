using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A Markov chain for each row of a batch, all with one kernel and one density. Chains of different rows know nothing of each other.
/// </summary>
/// <remarks>For one thread. Step k takes draws 2k and 2k + 1 from its source, counted from the first.</remarks>
public sealed class MarkovChain : IDisposable
{
    private readonly ILogDensity _density;
    private readonly IProposal _proposal;
    private readonly bool _adjusted;
    private readonly INoiseSource _noise;
    private readonly AcceptanceCounter _counter;
    private readonly bool _ownsCounter;
    private DensityPoint _point;
    private Tensor? _accepted;

    /// <summary>Begins a chain.</summary>
    /// <param name="density">The density that it walks on.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="start">The first states [B, ...]; they stay the caller's.</param>
    /// <param name="noise">The source of random numbers.</param>
    /// <param name="firstDraw">The number of its first draw; 1 unless given.</param>
    public MarkovChain(ILogDensity density, MarkovKernel kernel, Tensor start, INoiseSource noise, int firstDraw = 1)
        : this(density, kernel, start, noise, firstDraw, null)
    {
    }

    internal MarkovChain(ILogDensity density, MarkovKernel kernel, Tensor start, INoiseSource noise, int firstDraw, AcceptanceCounter? counter)
    {
        ArgumentNullException.ThrowIfNull(density);
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(noise);
        if (start.dim() < 2)
            throw new ArgumentException($"Expected a batch [B, ...] to start from, got a tensor of {start.dim()} dimensions.", nameof(start));
        _density = density;
        _proposal = kernel.Proposal;
        _adjusted = kernel.Adjusted;
        _noise = noise;
        _counter = counter ?? new AcceptanceCounter();
        _ownsCounter = counter is null;
        NextDraw = firstDraw;
        _point = Evaluate(start.clone());
    }

    /// <summary>The states now, x [B, ...]: the chain's own, until its next step.</summary>
    public Tensor State => _point.X;

    /// <summary>Which rows took their last proposal, [B] of truth values; null before the first step, and where the kernel takes all.</summary>
    public Tensor? Accepted => _accepted;

    /// <summary>The share of proposals accepted, over all rows and steps; null before the first step, and where the kernel takes all.</summary>
    public double? AcceptanceRate => _counter.Rate;

    /// <summary>The number of the next draw.</summary>
    internal int NextDraw { get; private set; }

    /// <summary>The states with what the density is there.</summary>
    internal DensityPoint Point => _point;

    /// <summary>Takes a step.</summary>
    public void Step()
    {
        using var off = no_grad();
        using var z = _noise.Normal(NextDraw, _point.X);
        using var mean = _proposal.Mean(_point.X, _point.Score);
        var next = Evaluate(z.Times(_proposal.Deviation).PlusInPlace(mean));
        int uniform = NextDraw + 1;
        NextDraw += 2;
        if (!_adjusted)
        {
            _point.Dispose();
            _point = next;
            return;
        }
        using (next)
            Choose(next, mean, uniform);
    }

    /// <summary>Releases the chain's tensors.</summary>
    public void Dispose()
    {
        _point.Dispose();
        _accepted?.Dispose();
        if (_ownsCounter)
            _counter.Dispose();
    }

    private void Choose(DensityPoint next, Tensor mean, int draw)
    {
        // q(x|y)/q(y|x) of two Gaussians of the same width.
        using var back = _proposal.Mean(next.X, next.Score);
        using var there = RowSums.OfSquaredDifference(next.X, mean);
        using var again = RowSums.OfSquaredDifference(_point.X, back);
        using var hastings = there.MinusInPlace(again).Times(1 / (2 * _proposal.Deviation * _proposal.Deviation));
        using var logRatio = _density.LogRatio(_point, next);
        using var ratio = logRatio.PlusInPlace(hastings).exp();
        using var u = _noise.Uniform(draw, ratio);
        _accepted?.Dispose();
        // u < A; with u below 1 the minimum with 1 changes nothing.
        _accepted = u.lt(ratio);
        _counter.Note(_accepted);
        var chosen = _point.Replace(_accepted, next);
        _point.Dispose();
        _point = chosen;
    }

    private DensityPoint Evaluate(Tensor x)
    {
        try
        {
            return _density.At(x, _proposal.UsesScore);
        }
        catch
        {
            x.Dispose();
            throw;
        }
    }
}
