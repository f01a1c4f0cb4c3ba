namespace Microsoft.ML.Diffusion.Transforms;

public sealed partial class NoiseScheduleEstimator
{
    /// <summary>How data is brought to model space and noised.</summary>
    public sealed class Options
    {
        /// <summary>The output column with noised data, in the units of the data. <c>Noised</c> and the name of the data column unless set.</summary>
        public string? NoisedColumn { get; set; }

        /// <summary>
        /// The output column with the time, α and σ of each noised row: a vector of three. The name of the noised column and <c>Level</c>
        /// unless set.
        /// </summary>
        public string? LevelColumn { get; set; }

        /// <summary>
        /// (channels, height, width) of pictures in flat vectors. Unless set, the dimensions of the vector type decide: three are a picture, one
        /// a vector.
        /// </summary>
        public (int Channels, int Height, int Width)? ImageShape { get; set; }

        /// <summary>
        /// The way from the data to model space. Unless set: pixels in [0, 255] for pictures, each value to mean 0 and deviation 1, as measured
        /// in Fit, for vectors.
        /// </summary>
        public IDataCodec? Codec { get; set; }

        /// <summary>
        /// Whether Fit leaves out rows with values that are not valid (NaN, infinite, out of the codec's range), with a warning in the log, instead of refusing the data. The trainer has the
        /// same option. Refused unless set.
        /// </summary>
        public bool DropInvalidRows { get; set; }

        /// <summary>The seed of times and noise in the noised column; that of the MLContext unless set, 0 where that has none either. Training draws its own.</summary>
        public int? Seed { get; set; }
    }
}
