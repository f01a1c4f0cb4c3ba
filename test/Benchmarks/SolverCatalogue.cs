using System.Reflection;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The solvers of the catalogue, by name: a new one takes part in the benchmarks by itself.</summary>
internal static class SolverCatalogue
{
    public static IReadOnlyList<(string Name, ISolver Solver)> Solvers { get; } = Properties<ISolver>(typeof(KnownSolvers));

    public static IReadOnlyList<(string Name, TimeSpacing Spacing)> Spacings { get; } = Properties<TimeSpacing>(typeof(KnownSpacings));

    /// <summary>Whether a solver adds noise on its way.</summary>
    public static bool IsStochastic(ISolver solver) => solver.Plan(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 8)).CountOf(RegisterKind.Noise) > 0;

    private static (string Name, T Value)[] Properties<T>(Type catalogue)
        => [.. from property in catalogue.GetProperties(BindingFlags.Public | BindingFlags.Static)
               let value = property.GetValue(null)
               where value is T
               select (property.Name, (T)value)];
}
