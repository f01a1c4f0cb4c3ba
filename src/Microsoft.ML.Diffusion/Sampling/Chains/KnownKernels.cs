namespace Microsoft.ML.Diffusion;

/// <summary>Kernels by their names.</summary>
public static class KnownKernels
{
    /// <summary>Random-walk Metropolis: needs no score.</summary>
    /// <param name="deviation">The standard deviation of the walk's steps; positive.</param>
    public static MarkovKernel RandomWalk(double deviation) => new(new RandomWalkProposal(deviation));

    /// <summary>MALA, the Metropolis-adjusted Langevin algorithm: exact.</summary>
    /// <param name="stepSize">ε; positive.</param>
    public static MarkovKernel Mala(double stepSize) => new(new LangevinProposal(stepSize));

    /// <summary>ULA, the unadjusted Langevin algorithm: accepts everything, with a bias of order ε.</summary>
    /// <param name="stepSize">ε; positive.</param>
    public static MarkovKernel Ula(double stepSize) => new(new LangevinProposal(stepSize), adjusted: false);
}
