using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How a trained denoiser is run over rows: what the sampler and all edits have in common.</summary>
public abstract class SamplingOptions
{
    private protected SamplingOptions(ISampler solver) => Solver = solver;

    /// <summary>The solver, or another sampler; edits need a solver (<see cref="ISolver"/>).</summary>
    public ISampler Solver { get; set; }

    /// <summary>The number of steps of a whole run, in [1, 100000]; 20 unless set.</summary>
    [Range(5, 250, 20, logBase: true)]
    public int Steps { get; set; } = 20;

    /// <summary>Which times the steps visit; the schedule's own spacing unless set.</summary>
    public TimeSpacing? Spacing { get; set; }

    /// <summary>
    /// How many rows are sampled at once, in [1, 65536]; 16 unless set. The network always runs full batches, the last one padded, so
    /// that a sample does not depend on the other rows.
    /// </summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>The seed of the noise, beside each row's own; that of the MLContext unless set, 0 where that has none either.</summary>
    public int? Seed { get; set; }

    /// <summary>
    /// The column with each row's own seed, of any integer type: equal seeds and conditions give equal samples. Where the data has no such
    /// column, or null is set, the row's id takes its place. <c>Seed</c> unless set.
    /// </summary>
    public string? SeedColumn { get; set; } = "Seed";

    /// <summary>The column that carries the denoiser; <c>Denoiser</c> unless set.</summary>
    public string DenoiserColumn { get; set; } = DenoiserColumns.DefaultDenoiser;

    /// <summary>
    /// Limits each estimate x̂0 to [−Clip, Clip] in model space, where pixels lie in [−1, 1]; positive. Not limited unless set.
    /// </summary>
    public double? Clip { get; set; }

    /// <summary>Told after each call of the denoiser. Not saved with the model.</summary>
    public IProgress<SamplingProgress>? Progress { get; set; }
}
