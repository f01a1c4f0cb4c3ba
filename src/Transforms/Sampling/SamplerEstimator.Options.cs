namespace Microsoft.ML.Diffusion.Transforms;

public sealed partial class SamplerEstimator
{
    /// <summary>How samples are drawn. The solver is <see cref="KnownSolvers.DpmSolverPlusPlus2M"/> unless set.</summary>
    public sealed class Options : SamplingOptions
    {
        /// <summary>The defaults.</summary>
        public Options()
            : base(KnownSolvers.DpmSolverPlusPlus2M)
        {
        }

        /// <summary>
        /// The column from whose latents sampling starts, instead of from noise: vectors of Single as <c>Transforms.Invert</c> makes them, standard normal in
        /// every place. With Invert's own solver, steps and spacing this undoes the inversion. None unless set.
        /// </summary>
        public string? LatentColumn { get; set; }
    }
}
