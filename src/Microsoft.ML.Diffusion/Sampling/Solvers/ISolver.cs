using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Walks the levels of a grid from noise to data. A solver is plain algebra over symbolic registers, run once, in double
/// precision, before any tensor exists; what it leaves is a <see cref="SamplingPlan"/>.
/// </summary>
/// <remarks>
/// Immutable and thread safe. A new solver is one class and one line in the list of kinds below, under which it is stored in
/// model files.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DdpmSolver), "ddpm")]
[JsonDerivedType(typeof(DdimSolver), "ddim")]
[JsonDerivedType(typeof(EulerSolver), "euler")]
[JsonDerivedType(typeof(HeunSolver), "heun")]
[JsonDerivedType(typeof(DpmSolverPlusPlus2SSolver), "dpm-solver++2s")]
[JsonDerivedType(typeof(DpmSolverPlusPlusSdeSolver), "dpm-solver++sde")]
[JsonDerivedType(typeof(SinglestepDpmSolver), "dpm-solver")]
[JsonDerivedType(typeof(LmsSolver), "lms")]
[JsonDerivedType(typeof(RungeKuttaSolver), "runge-kutta")]
[JsonDerivedType(typeof(PredictorCorrectorSolver), "predictor-corrector")]
[JsonDerivedType(typeof(AnnealedLangevinSolver), "annealed-langevin")]
[JsonDerivedType(typeof(MultistepDpmSolver), "dpm-solver-multistep")]
[JsonDerivedType(typeof(StageDpmSolver), "dpm-solver-stages")]
[JsonDerivedType(typeof(DeisSolver), "deis")]
[JsonDerivedType(typeof(UniPcSolver), "unipc")]
[JsonDerivedType(typeof(PndmSolver), "pndm")]
[JsonDerivedType(typeof(ConsistencySolver), "consistency")]
[JsonDerivedType(typeof(RecurrentSolver), "recurrent")]
[JsonDerivedType(typeof(LimitedSolver), "limited")]
public interface ISolver : ISampler
{
    /// <summary>Traces the solver over a grid.</summary>
    /// <param name="grid">The times and levels to visit.</param>
    /// <returns>The plan of the whole run.</returns>
    SamplingPlan Plan(TimeGrid grid);

    ISamplingProgram ISampler.Prepare(TimeGrid grid) => Plan(grid);

    ISampler ISampler.WithRecurrence(int count) => count == 1 ? this : new RecurrentSolver(this, count);
}
