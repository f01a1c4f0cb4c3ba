namespace Microsoft.ML.Diffusion;

/// <summary>What to sample with, so that a scheduler of diffusers does the same: what was tried and found to be saved.</summary>
internal static class SchedulerAdvice
{
    private static readonly (string Name, TimeSpacing Spacing)[] Spacings =
    [
        (Of(nameof(KnownSpacings.Trailing)), KnownSpacings.Trailing), (Of(nameof(KnownSpacings.Leading)), KnownSpacings.Leading), (Of(nameof(KnownSpacings.Linspace)), KnownSpacings.Linspace),
        (Of(nameof(KnownSpacings.FractionalLinspace)), KnownSpacings.FractionalLinspace), (Of(nameof(KnownSpacings.Karras)), KnownSpacings.Karras),
        (Of(nameof(KnownSpacings.Exponential)), KnownSpacings.Exponential), (Of(nameof(KnownSpacings.Beta)), KnownSpacings.Beta),
        ($"new {nameof(OpenEndedSpacing)}({Of(nameof(KnownSpacings.Linspace))})", new OpenEndedSpacing(KnownSpacings.Linspace)),
    ];

    private static readonly (string Name, ISolver Solver)[] Solvers =
    [
        (nameof(KnownSolvers.Ddim), KnownSolvers.Ddim), (nameof(KnownSolvers.DdpmAncestral), KnownSolvers.DdpmAncestral), (nameof(KnownSolvers.DpmSolverPlusPlus2M), KnownSolvers.DpmSolverPlusPlus2M),
        (nameof(KnownSolvers.Euler), KnownSolvers.Euler), (nameof(KnownSolvers.Heun), KnownSolvers.Heun), (nameof(KnownSolvers.UniPc), KnownSolvers.UniPc),
    ];

    /// <summary>A sentence.</summary>
    /// <param name="solver">The solver that is not saved with the spacing.</param>
    /// <param name="spacing">The spacing.</param>
    /// <param name="isSaved">Whether a solver is saved with a spacing.</param>
    public static string For(ISampler solver, TimeSpacing spacing, Func<ISampler, TimeSpacing, bool> isSaved)
    {
        string[] spacings = [.. Spacings.Where(each => isSaved(solver, each.Spacing)).Select(each => each.Name)];
        string[] solvers = [.. Solvers.Where(each => isSaved(each.Solver, spacing)).Select(each => $"{nameof(KnownSolvers)}.{each.Name}")];
        string[] cures =
        [
            .. spacings.Length > 0 ? [$"sample with the Spacing {Any(spacings)}"] : Array.Empty<string>(),
            .. solvers.Length > 0 ? [$"sample with the Solver {Any(solvers)}"] : Array.Empty<string>(),
            "save the denoiser's transformer alone, without a sampler",
        ];
        return $"What can be saved: {string.Join("; or ", cures)}.";
    }

    private static string Any(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";

    private static string Of(string name) => $"{nameof(KnownSpacings)}.{name}";
}
