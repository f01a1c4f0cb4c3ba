using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The tables that references derive from β, as the library's solvers see them.</summary>
internal sealed class ScheduleTables
{
    private readonly DiscreteSchedule _schedule;

    public ScheduleTables(DiscreteSchedule schedule)
    {
        _schedule = schedule;
        var grid = schedule.Grid([.. Enumerable.Range(0, schedule.Steps).Reverse()]);
        (SmallVariances, X0Coefficients, StateCoefficients) = Read(new DdpmSolver().Plan(grid));
        (LargeVariances, _, _) = Read(new DdpmSolver(ReverseVariance.Large).Plan(grid));
    }

    /// <summary>The variance of the noise that DDPM adds on leaving each step, fixed small; 0 for step 0.</summary>
    public double[] SmallVariances { get; }

    /// <summary>The same, fixed large.</summary>
    public double[] LargeVariances { get; }

    /// <summary>The factor of x̂0 in the posterior's mean.</summary>
    public double[] X0Coefficients { get; }

    /// <summary>The factor of the state in the posterior's mean.</summary>
    public double[] StateCoefficients { get; }

    public double[] AlphaBars => [.. _schedule.AlphaBars];

    /// <summary>Compares a table with the listed part of the reference's, where it lists one.</summary>
    public static void Compare(GoldenComparison comparison, JsonElement json, string field, IReadOnlyList<double> table, int stride, double tolerance = GoldenComparison.Tolerance)
    {
        if (!json.Has(field))
            return;
        var expected = json.GetProperty(field).Numbers();
        comparison.Equal(field, [.. expected.Select((_, i) => table[i * stride])], expected, tolerance);
    }

    private (double[] Variances, double[] X0, double[] State) Read(SamplingPlan plan)
    {
        double[] variances = new double[_schedule.Steps], x0 = new double[_schedule.Steps], state = new double[_schedule.Steps];
        int step = _schedule.Steps;
        foreach (var instruction in plan.Instructions)
        {
            if (instruction is Evaluate)
                step--;
            // The state that follows the step, a combination of three registers; the last is x̂0 alone.
            if (instruction is Combine combine)
                foreach (var term in combine.Terms)
                    _ = term.Source.Kind switch
                    {
                        RegisterKind.Noise => variances[step] = term.Coefficient * term.Coefficient,
                        RegisterKind.Denoised => x0[step] = term.Coefficient,
                        _ => state[step] = term.Coefficient,
                    };
        }
        if (plan.Output.Kind == RegisterKind.Denoised)
            x0[0] = 1;
        return (variances, x0, state);
    }
}
