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
    /// How many rows are sampled at once, in [1, 65536]. The network always runs full batches, the last one padded, so
    /// that a sample does not depend on the other rows. Unless set, 16 on a processor and 256 on a GPU, or the power of two below at which the network's values for the rows fit into an eighth of
    /// the memory that the device has in all.
    /// </summary>
    public int? BatchSize { get; set; }

    /// <summary>
    /// In which precision networks compute; steps are done in Float32 whatever it is. <see cref="Precision.BFloat16"/> is faster on devices made for it, and a sample of it differs
    /// visibly little from one of Float32; <see cref="Precision.Auto"/> takes it where the device has it. <see cref="Precision.Float32"/> unless set.
    /// </summary>
    public Precision Precision { get; set; } = Precision.Float32;

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
