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

    /// <summary>
    /// Heun's method: deterministic, order 2, two evaluations a step. At least 10 steps over EDM's range of noise: fewer overshoot.
    /// </summary>
    public static ISolver Heun { get; } = new HeunSolver();

    /// <summary>
    /// DPM-Solver++(2M): deterministic, order 2, one evaluation a step, steady under guidance: the first choice for 10 to 50 steps.
    /// </summary>
    public static ISolver DpmSolverPlusPlus2M { get; } = new MultistepDpmSolver();

    /// <summary>Euler's method with fresh noise in every step, DDIM with η = 1: stochastic, order 1.</summary>
    public static ISolver EulerAncestral { get; } = new DdimSolver(1);

    /// <summary>
    /// DPM-Solver-2, the midpoint method in ln σ: deterministic, order 2, two evaluations a step. At least 10 steps over EDM's range of
    /// noise: fewer overshoot.
    /// </summary>
    public static ISolver DpmSolver2 { get; } = new SinglestepDpmSolver(2);

    /// <summary>
    /// DPM-Solver-2 with fresh noise in every step: stochastic, two evaluations a step. At least 15 steps over EDM's range of noise:
    /// fewer overshoot.
    /// </summary>
    public static ISolver DpmSolver2Ancestral { get; } = new SinglestepDpmSolver(2, eta: 1);

    /// <summary>
    /// DPM-Solver-3: deterministic, order 3, three evaluations a step. At least 6 steps over EDM's range of noise: fewer overshoot.
    /// </summary>
    public static ISolver DpmSolver3 { get; } = new SinglestepDpmSolver(3);

    /// <summary>Linear multistep of order 4: deterministic, one evaluation a step.</summary>
    public static ISolver Lms { get; } = new LmsSolver();

    /// <summary>DPM-Solver++(2S): deterministic, order 2, two evaluations a step.</summary>
    public static ISolver DpmSolverPlusPlus2S { get; } = new DpmSolverPlusPlus2SSolver();

    /// <summary>DPM-Solver++(2S) with fresh noise in every step: stochastic, two evaluations a step.</summary>
    public static ISolver DpmSolverPlusPlus2SAncestral { get; } = new DpmSolverPlusPlus2SSolver(eta: 1);

    /// <summary>DPM-Solver++ (SDE): stochastic, two evaluations a step.</summary>
    public static ISolver DpmSolverPlusPlusSde { get; } = new DpmSolverPlusPlusSdeSolver();

    /// <summary>DPM-Solver++(2M) SDE: stochastic, one evaluation a step.</summary>
    public static ISolver DpmSolverPlusPlus2MSde { get; } = new MultistepDpmSolver(eta: 1);

    /// <summary>DPM-Solver++(3M): deterministic, order 2 with smaller errors than 2M, one evaluation a step.</summary>
    public static ISolver DpmSolverPlusPlus3M { get; } = new MultistepDpmSolver(3) { Slope = SlopeRule.Exact };

    /// <summary>DPM-Solver++(3M) SDE: stochastic, one evaluation a step.</summary>
    public static ISolver DpmSolverPlusPlus3MSde { get; } = new MultistepDpmSolver(3, eta: 1) { Slope = SlopeRule.Exact };

    /// <summary>The midpoint method along the path of the grid: deterministic, order 2, two evaluations a step.</summary>
    public static ISolver Midpoint { get; } = new RungeKuttaSolver(KnownTableaus.Midpoint);

    /// <summary>
    /// Kutta's 3/8 rule along the path of the grid: deterministic, order 4, four evaluations a step. At least 6 steps over EDM's range of
    /// noise: fewer overshoot.
    /// </summary>
    public static ISolver RungeKutta4 { get; } = new RungeKuttaSolver(KnownTableaus.ThreeEighths);

    /// <summary>
    /// Reverse diffusion with an annealed Langevin corrector: stochastic, for many steps, two evaluations a step. The score-SDE paper's
    /// choice for
    /// pictures is a <see cref="PredictorCorrectorSolver"/> with a <see cref="LangevinCorrector"/>.
    /// </summary>
    public static ISolver PredictorCorrector { get; } = new PredictorCorrectorSolver(new ReverseDiffusionPredictor(), new AnnealedLangevinCorrector());

    /// <summary>Annealed Langevin dynamics with NCSNv2's final denoising: stochastic, for many levels, five evaluations each.</summary>
    public static ISolver AnnealedLangevin { get; } = new AnnealedLangevinSolver();

    /// <summary>MALA at each level of the grid: stochastic, five evaluations a level, with acceptance rates reported.</summary>
    public static ISampler AnnealedMala { get; } = new AnnealedMcmcSampler(KnownKernels.Mala(0.2));

    /// <summary>
    /// The probability-flow ODE by the Dormand–Prince method: deterministic, steps by tolerance, accurate at many evaluations.
    /// </summary>
    public static ISampler AdaptiveOde { get; } = new AdaptiveOdeSampler();

    /// <summary>DPM-Solver with adaptive steps: deterministic, order 3, steps by tolerance.</summary>
    public static ISampler DpmAdaptive { get; } = new DpmAdaptiveSampler();

    /// <summary>
    /// DDPM's ancestral sampling with the variance that the network learned (<see cref="HybridObjective"/>, <see
    /// cref="VariationalObjective"/>): stochastic, order 1, one evaluation a step.
    /// </summary>
    public static ISolver DdpmLearnedVariance { get; } = new DdpmSolver(ReverseVariance.Learned);

    /// <summary>DPM-Solver++ on stages that are points of the grid: deterministic, order 2, one evaluation a step of the grid.</summary>
    public static ISolver DpmSolverPlusPlusOnGrid { get; } = new StageDpmSolver();

    /// <summary>DEIS: deterministic, order 2, one evaluation a step, on noise estimates; for few steps without guidance.</summary>
    public static ISolver Deis { get; } = new DeisSolver();

    /// <summary>UniPC of order 2, with its corrector of order 3: deterministic, one evaluation a step; for few steps, 5 to 20.</summary>
    public static ISolver UniPc { get; } = new UniPcSolver();

    /// <summary>
    /// UniPC of order 3, with its corrector of order 4: deterministic, one evaluation a step; for smooth denoisers without guidance.
    /// </summary>
    public static ISolver UniPc3 { get; } = new UniPcSolver(3);

    /// <summary>
    /// PNDM with a Runge–Kutta start: deterministic, one evaluation a step and nine more. At least 6 steps over EDM's range of noise:
    /// fewer overshoot.
    /// </summary>
    public static ISolver Pndm { get; } = new PndmSolver();

    /// <summary>
    /// PLMS, PNDM with a start of Heun's: deterministic, one evaluation a step and one more. What latent diffusion samples with. At least
    /// 6 steps over EDM's range of noise: fewer overshoot.
    /// </summary>
    public static ISolver Plms { get; } = new PndmSolver(rungeKuttaStart: false);

    /// <summary>Multistep consistency sampling: stochastic, one evaluation a step, for consistency models in 1 to 8 steps.</summary>
    public static ISolver Consistency { get; } = new ConsistencySolver();

    /// <summary>
    /// Sampling of latent consistency models, with their boundary scalings: stochastic, one evaluation a step, in 1 to 8 steps.
    /// </summary>
    public static ISolver LatentConsistency { get; } = new ConsistencySolver(new ConsistencyBoundary());
}
