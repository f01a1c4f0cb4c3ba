using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A run of <see cref="AnnealedMcmcSampler"/>.</summary>
internal sealed class AnnealedMcmcProgram : ISamplingProgram
{
    private readonly AnnealedMcmcSampler _sampler;
    private readonly int _evaluations;

    public AnnealedMcmcProgram(AnnealedMcmcSampler sampler, TimeGrid grid)
    {
        _sampler = sampler;
        Grid = grid;
        // A chain evaluates its start and each proposal, and the points between them where it adjusts.
        int chain = 1 + sampler.StepsPerLevel * (sampler.Kernel.Adjusted ? 1 + sampler.InnerPoints : 1);
        _evaluations = grid.Levels.Where(level => level.Sigma > 0).Sum(level => level.Alpha == 0 ? 1 : chain);
    }

    public TimeGrid Grid { get; }

    public int? Evaluations => _evaluations;

    public Tensor Run(
        IDenoiser denoiser, Tensor start, Conditioning condition, INoiseSource noise, IProgress<SamplingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        SamplingArguments.Check(denoiser, start, condition, noise);
        using var off = no_grad();
        using var accepted = new AcceptanceCounter();
        using var watched = new WatchedDenoiser(denoiser, _evaluations, progress, () => accepted.Rate, cancellationToken);
        var x = start.clone();
        try
        {
            int draw = 1;
            for (int i = 0; i <= Grid.Steps && Grid.Levels[i].Sigma > 0; i++)
            {
                using var x0 = Walk(ref x, i, watched, condition, noise, ref draw, accepted);
                if (i < Grid.Steps)
                    Move(ref x, x0, i, noise, ref draw);
            }
            watched.ThrowIfNotFinite();
            return x;
        }
        catch
        {
            x.Dispose();
            throw;
        }
    }

    // The chain of a level, and the estimate x̂0 for its last state.
    private Tensor Walk(ref Tensor x, int index, WatchedDenoiser denoiser, Conditioning condition, INoiseSource noise, ref int draw, AcceptanceCounter accepted)
    {
        var level = Grid.Levels[index];
        if (level.Alpha == 0)
        {
            var answer = denoiser.Denoise(x, new StepContext(new NoiseLevels(level, Grid.Times[index]), Grid.Levels[index + 1]), condition);
            answer.LogVariance?.Dispose();
            return answer.X0;
        }
        var density = new DenoiserLogDensity(denoiser, level, condition, Grid.Times[index], _sampler.InnerPoints);
        using var chain = new MarkovChain(density, _sampler.Kernel.Widen(level.Sigma), x, noise, draw, accepted);
        for (int k = 0; k < _sampler.StepsPerLevel; k++)
            chain.Step();
        draw = chain.NextDraw;
        Replace(ref x, chain.State.clone());
        // x̂0 = (x + σ²·s)/α.
        using var pull = chain.Point.Score!.Times(level.Sigma * level.Sigma);
        return pull.PlusInPlace(x).Times(1 / level.Alpha);
    }

    // To the next level as DDPM goes (Ho et al. 2020, eq. 7): the estimate with as much of the old noise as stays, and fresh noise.
    private void Move(ref Tensor x, Tensor x0, int index, INoiseSource noise, ref int draw)
    {
        var from = Grid.Levels[index];
        var (down, fresh) = AncestralSplit.Of(from, Grid.Levels[index + 1], eta: 1);
        double direction = down.Sigma / from.Sigma;
        using var estimate = x0.Times(down.Alpha - direction * from.Alpha);
        using var kept = x.Times(direction);
        Replace(ref x, kept.Plus(estimate));
        if (!(fresh > 0))
            return;
        using var z = noise.Normal(draw++, x);
        x.PlusInPlace(z.TimesInPlace(fresh));
    }

    private static void Replace(ref Tensor x, Tensor next)
    {
        x.Dispose();
        x = next;
    }
}
