namespace Microsoft.ML.Diffusion;

/// <summary>Ready solvers.</summary>
public static class KnownSolvers
{
    /// <summary>DDPM's ancestral sampling with the posterior's variance: stochastic, for many steps.</summary>
    public static ISolver DdpmAncestral { get; } = new DdpmSolver();

    /// <summary>DDIM: deterministic, order 1, steady with few steps.</summary>
    public static ISolver Ddim { get; } = new DdimSolver();

    /// <summary>Euler's method: deterministic, order 1.</summary>
    public static ISolver Euler { get; } = new EulerSolver();

    /// <summary>Heun's method: deterministic, order 2, two evaluations a step.</summary>
    public static ISolver Heun { get; } = new HeunSolver();

    /// <summary>DPM-Solver++(2M): deterministic, order 2, one evaluation a step.</summary>
    public static ISolver DpmSolverPlusPlus2M { get; } = new DpmSolverPlusPlus2MSolver();

    /// <summary>Reverse diffusion with a Langevin corrector, the predictor–corrector sampler of score SDEs: stochastic, for many steps, two evaluations a step.</summary>
    public static ISolver PredictorCorrector { get; } = new PredictorCorrectorSolver(new ReverseDiffusionPredictor(), new LangevinCorrector());

    /// <summary>Annealed Langevin dynamics with NCSNv2's final denoising: stochastic, for many levels, five evaluations each.</summary>
    public static ISolver AnnealedLangevin { get; } = new AnnealedLangevinSolver();

    /// <summary>MALA at each level of the grid: stochastic, five evaluations a level, with acceptance rates reported.</summary>
    public static ISampler AnnealedMala { get; } = new AnnealedMcmcSampler(KnownKernels.Mala(0.2));
}
