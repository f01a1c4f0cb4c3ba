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
    /// How many rows are sampled at once, in [1, 65536]. A sample does not depend on the other rows: the network runs full batches, and for fewer rows smaller ones where the model was
    /// found to answer with the same bits, which takes a few of its calls at first; else the batch is filled up. Unless set, 16 on a processor and 256 on a GPU, or the power of two below at which the network's values for the rows fit into an eighth of
    /// the memory that the device has in all.
    /// </summary>
    public int? BatchSize { get; set; }

    /// <summary>
    /// In which precision networks compute; steps are done in Float32 whatever it is. <see cref="Precision.BFloat16"/> is faster on devices made for it, and a sample of it differs
    /// visibly little from one of Float32; <see cref="Precision.Auto"/> takes it where the device has it and the first call is faster in it. <see cref="Precision.Float32"/> unless set.
    /// </summary>
    public Precision Precision { get; set; } = Precision.Float32;

    /// <summary>The seed of the noise, beside each row's own; that of the MLContext unless set, 0 where that has none either.</summary>
    public int? Seed { get; set; }

    /// <summary>
    /// The column with each row's own seed, of any integer type: equal seeds and conditions give equal samples. Where the data has no such
    /// column, or null is set, the row's id takes its place, which is the number of the row in most data: then every process, and every call of Transform, gives the same first samples. For fresh
    /// ones give seeds: <c>d.Data.Rows("Label", ["cat"], 8, seed: Random.Shared.NextInt64())</c>. <c>Seed</c> unless set.
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

    /// <summary>Told as <see cref="Progress"/> is, on the thread that samples: a lambda in its place or beside it. Not saved with the model.</summary>
    public Action<SamplingProgress>? OnProgress { get; set; }

    /// <summary>
    /// Ends sampling of this transformer before the next call of a network, with <see cref="OperationCanceledException"/>. Not saved with the model: for a model that was loaded, and for one request of
    /// many, <c>using (d.CancelSamplingOn(token)) { ... }</c> around what reads the rows. Never unless set.
    /// </summary>
    public CancellationToken CancellationToken { get; set; }
}
