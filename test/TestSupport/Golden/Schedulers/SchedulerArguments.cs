using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Arguments that pipelines give to a scheduler's step, as options of the solver.</summary>
internal static class SchedulerArguments
{
    public static ISolver Apply(JsonElement step, SchedulerSettings settings) => settings.Solver switch
    {
        DdimSolver ddim when step.Flag("use_clipped_model_output") && ddim.Limit is { } limit => new LimitedSolver(new DdimSolver(step.Number("eta", 0)), limit),
        DdimSolver { Eta: 0 } ddim when step.Has("eta") => new DdimSolver(step.Number("eta", 0)) { Limit = ddim.Limit },
        LmsSolver when step.Has("order") => new LmsSolver(step.Whole("order", 4)),
        DpmSolverPlusPlusSdeSolver when step.Has("s_noise") => new DpmSolverPlusPlusSdeSolver(noiseScale: step.Number("s_noise", 1)),
        var solver => solver,
    };
}
