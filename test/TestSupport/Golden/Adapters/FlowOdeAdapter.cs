namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The fixed-step ODE solvers of torchdiffeq on the levels (t, 1 − t), as flow_matching's ODESolver runs them.</summary>
internal sealed class FlowOdeAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").StartsWith("flow_matching ODESolver", StringComparison.Ordinal))
            return false;
        var tableau = @case.Params.Text("method") switch
        {
            "euler" => KnownTableaus.Euler,
            "midpoint" => KnownTableaus.Midpoint,
            "heun2" => KnownTableaus.Heun,
            "heun3" => KnownTableaus.Heun3,
            "rk4" => KnownTableaus.ThreeEighths,
            _ => null,
        };
        if (tableau is null || !@case.Params.Has("step_size"))
            return false;
        double start = @case.Params.Number("t0", 0), end = @case.Params.Number("t1", 1), length = @case.Params.Number("step_size", 0);
        // torchdiffeq's grid: whole steps from the start, and the end.
        int steps = (int)Math.Ceiling((end - start) / length + 1) - 1;
        var times = Enumerable.Range(0, steps + 1).Select(i => i == steps ? end : i * length + start);
        var plan = new RungeKuttaSolver(tableau).Plan(DiffusersConfig.Explicit([.. times.Select(time => new NoiseLevel(time, 1 - time))]));
        using var x = @case["x_init"].ToTensor();
        using var sample = PlanRunner.Run(plan, file.Mixture(), x, Conditioning.None, new RecordedNoise(plan, _ => default, _ => 0));
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }
}
