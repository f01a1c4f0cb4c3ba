namespace Microsoft.ML.Diffusion.Transforms;

public sealed partial class LogLikelihoodEstimator
{
    /// <summary>How log-likelihoods are computed.</summary>
    public sealed class Options
    {
        /// <summary>Tolerances, trace and prior; those of <see cref="LogLikelihoodOptions"/> unless set. A step for the whole batch is refused: rows are rows' own.</summary>
        public LogLikelihoodOptions Likelihood { get; set; } = new();

        /// <summary>Whether the column holds bits per dimension, −ln p/(d·ln 2), instead of nats. Nats unless set.</summary>
        public bool BitsPerDimension { get; set; }

        /// <summary>
        /// For discrete data, the distance between neighbouring values in the units of the data: 1 for pixels from 0 to 255, 1/255 for the same from 0 to 1; positive. Uniform
        /// noise of this width is added around each value (Theis et al. 2016, arXiv:1511.01844), and the result is a lower bound on the log-probability of the discrete
        /// values. Data is continuous unless set.
        /// </summary>
        public double? BinWidth { get; set; }

        /// <summary>How many rows are computed at once, in [1, 65536]; 16 unless set. Batches are always full, the last one padded.</summary>
        public int BatchSize { get; set; } = 16;

        /// <summary>The seed of probes and uniform noise, beside each row's own; that of the MLContext unless set, 0 where that has none either.</summary>
        public int? Seed { get; set; }

        /// <summary>
        /// The column with each row's own seed, of any integer type. Where the data has no such column, or null is set, the row's id takes its place. <c>Seed</c> unless set.
        /// </summary>
        public string? SeedColumn { get; set; } = "Seed";

        /// <summary>The column that carries the denoiser; <c>Denoiser</c> unless set.</summary>
        public string DenoiserColumn { get; set; } = DenoiserColumns.DefaultDenoiser;

        /// <summary>Told after each call of the denoiser. Not saved with the model.</summary>
        public IProgress<SamplingProgress>? Progress { get; set; }

        /// <summary>Told as <see cref="Progress"/> is, on the thread that samples: a lambda in its place or beside it. Not saved with the model.</summary>
        public Action<SamplingProgress>? OnProgress { get; set; }

        /// <summary>
        /// Ends computing of this transformer before the next call of a network, with <see cref="OperationCanceledException"/>. Not saved with the model: for a model that was loaded, and for one request of
        /// many, <c>using (d.CancelSamplingOn(token)) { ... }</c> around what reads the rows. Never unless set.
        /// </summary>
        public CancellationToken CancellationToken { get; set; }
    }
}
