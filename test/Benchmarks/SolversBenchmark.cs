using MathNet.Numerics;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Error against evaluations of every solver with exact denoisers; options: --out FOLDER for the plots, solvers.png and orders.png.</summary>
internal sealed class SolversBenchmark : IBenchmark
{
    private const int Budget = 10;

    private static readonly int[] Budgets = [5, 8, Budget, 15, 20, 30, 50];

    public string Name => "solvers";

    public string Description => "error against network calls (NFE) of every solver of the catalogue, with exact denoisers of Gaussian mixtures";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        string? folder = arguments is ["--out", var path] ? path
            : arguments.Length == 0 ? null : throw new ArgumentException($"Expected nothing or '--out FOLDER', got '{string.Join(' ', arguments)}'.");
        // Tensors so small are slower on many threads.
        set_num_threads(1);
        var solvers = SolverCatalogue.Solvers.ToLookup(entry => SolverCatalogue.IsStochastic(entry.Solver));
        var figures = new Dictionary<string, double>();
        var panels = new List<ErrorPanel>();
        foreach (int dimension in new[] { 2, 16, 64 })
        {
            using var problem = new MixtureProblem(dimension);
            var curves = solvers[false].Select(entry => (entry.Name, Errors: Curve(problem, entry.Solver))).ToArray();
            Print(problem, curves);
            double At(string? name = null) => curves.Where(curve => name is null || curve.Name == name).Min(curve => curve.Errors[Array.IndexOf(Budgets, Budget)].Error);
            figures[$"best_vs_ddim_{dimension}d"] = At() / At(nameof(KnownSolvers.Ddim));
            panels.Add(new ErrorPanel($"{dimension} dimensions", [.. curves.Select(curve => new ErrorCurve(curve.Name, [.. curve.Errors.Select((point, i) => (Budgets[i], point.Error))]))]));
        }
        var orders = PrintOrders(solvers[false]);
        PrintStatistics(solvers[true]);
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            ErrorPlot.Save("Distance to the end of the exact flow, each solver on its best grid", "network calls", panels, Path.Combine(folder, "solvers.png"));
            ErrorPlot.Save("Order of convergence", "steps", [orders], Path.Combine(folder, "orders.png"));
        }
        return figures;
    }

    // For each budget the error on the best of the shared grids.
    private static (double Error, string Grid)[] Curve(MixtureProblem problem, ISolver solver)
        => [.. Budgets.Select(budget =>
        {
            var best = (Error: double.PositiveInfinity, Grid: "none");
            foreach (var (name, _) in SharedGrids.Of(Budgets[^1]))
                if (SharedGrids.LargestPlan(solver, name, budget) is { } plan && problem.Error(plan) is var error && error < best.Error)
                    best = (error, name);
            return best;
        })];

    private static void Print(MixtureProblem problem, (string Name, (double Error, string Grid)[] Errors)[] curves)
    {
        int at = Array.IndexOf(Budgets, Budget);
        Console.WriteLine(FormattableString.Invariant($"\n  {problem.Dimension} dimensions: RMSE to the end of the exact flow, known to {problem.ReferenceError:e0}"));
        Console.WriteLine($"  {"NFE",-24} {string.Join(' ', Budgets.Select(budget => $"{budget,8}"))}  best grid at {Budget}");
        foreach (var (name, errors) in curves.OrderBy(curve => curve.Errors[at].Error))
            Console.WriteLine($"  {name,-24} {string.Join(' ', errors.Select(point => FormattableString.Invariant($"{point.Error,8:0.0e-0}")))}  {errors[at].Grid}");
    }

    // Grids whose first and last steps are as short as the squares of the others, so that the low orders with which multistep solvers start and end do not show,
    // from noise ratio 8 to 0.1: at clean data no order is defined.
    private static ErrorPanel PrintOrders(IEnumerable<(string Name, ISolver Solver)> solvers)
    {
        int[] steps = [64, 128, 256, 512];
        Console.WriteLine($"\n  order of convergence: slope of ln error against ln steps, {string.Join(", ", steps)} steps, 2 dimensions");
        using var problem = new MixtureProblem(2);
        double Ease(double t) => t * t * (3 - 2 * t);
        TimeGrid Eased(int count) => TimeGrid.FromRatios([.. Enumerable.Range(0, count + 1).Select(i => Math.Pow(2 + Ease((double)i / count) * (Math.Cbrt(0.1) - 2), 3))]);
        using var reference = problem.Run(KnownSolvers.RungeKutta4.Plan(Eased(4096)));
        var curves = new List<ErrorCurve>();
        foreach (var (name, solver) in solvers)
        {
            double[] errors = [.. steps.Select(count =>
            {
                using var sample = problem.Run(solver.Plan(Eased(count)));
                return MixtureProblem.Distance(sample, reference);
            })];
            double slope = Fit.Line([.. steps.Select(count => Math.Log(count))], [.. errors.Select(error => Math.Log(error))]).B;
            double calls = (double)solver.Plan(Eased(steps[^1])).Evaluations / steps[^1];
            Console.WriteLine(FormattableString.Invariant($"  {name,-24} order {-slope:0.0}, {calls:0} NFE a step, errors {string.Join(' ', errors.Select(error => $"{error:0.0e-0}"))}"));
            curves.Add(new ErrorCurve(name, [.. steps.Zip(errors)]));
        }
        return new ErrorPanel("noise ratio 8 to 0.1, 2 dimensions", curves);
    }

    private static void PrintStatistics(IEnumerable<(string Name, ISolver Solver)> solvers)
    {
        int[] budgets = [20, 50, 200, 1000];
        using var problem = new MixtureProblem(2, 8192);
        string Errors(SamplingPlan? plan) => plan is { NeedsLearnedVariance: false } && problem.MomentErrors(plan) is var (mean, covariance) ? FormattableString.Invariant($"{mean:0.000} {covariance:0.000}") : "-";
        Console.WriteLine("\n  stochastic solvers, 2 dimensions, Karras EDM: error of the mean and of the covariance, in parts of the data's");
        Console.WriteLine(FormattableString.Invariant($"  {"NFE",-28} {string.Join(' ', budgets.Select(budget => $"{budget,14}"))}"));
        foreach (var (name, solver) in solvers.Prepend((nameof(KnownSolvers.Ddim), KnownSolvers.Ddim)))
            Console.WriteLine($"  {name,-28} {string.Join(' ', budgets.Select(budget => $"{Errors(SharedGrids.LargestPlan(solver, "Karras EDM", budget)),14}"))}");
    }
}
