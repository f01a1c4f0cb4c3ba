namespace Microsoft.ML.Diffusion.Transforms;

public sealed partial class DiffusersEstimator
{
    /// <summary>How a folder of diffusers becomes a sampler.</summary>
    public sealed class Options
    {
        /// <summary>
        /// The columns with the conditions of the network: a key for classes; a vector; and for cross attention a vector of two dimensions, tokens by their width, such as the states of a text encoder,
        /// in which tokens of NaN are left out. None unless set.
        /// </summary>
        public IReadOnlyList<string> ConditionColumns { get; set; } = [];

        /// <summary>What becomes of values of the condition columns that they did not have in Fit. An error unless set.</summary>
        public UnknownValues UnknownValues { get; set; }

        /// <summary>The number of steps; at least 1. 50 unless set. Not used where <see cref="Sampler"/> is given.</summary>
        public int Steps { get; set; } = 50;

        /// <summary>How to sample, instead of as the folder's scheduler does.</summary>
        public SamplerEstimator.Options? Sampler { get; set; }

        /// <summary>The scale of classifier-free guidance (Ho and Salimans 2022, arXiv:2207.12598); without guidance where null, as unless set. For networks with conditions that know missing ones.</summary>
        public double? GuidanceScale { get; set; }

        /// <summary>The height of what the network takes, pixels or latents; positive. What the folder says where null, as unless set.</summary>
        public int? Height { get; set; }

        /// <summary>The width of what the network takes, pixels or latents; positive. What the folder says where null, as unless set.</summary>
        public int? Width { get; set; }

        /// <summary>What the pixels of samples mean: 0 to 255 unless set.</summary>
        public PixelCodec Pixels { get; set; } = new();
    }
}
