using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>EDM's generalised sampler (Algorithm 3): solvers that integrate in the time of a schedule of Table 1.</summary>
internal sealed class EdmAblationAdapter : IGoldenAdapter
{
    // epsilon_s, C_1, C_2 and M of the reference's signature are its schedules' own; β_d and β_min those of score SDE.
    private const double EpsilonS = 1e-3;
    private const double BetaRange = 19.9;
    private const double BetaMin = 0.1;

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("function") != "ablation_sampler")
            return false;
        var settings = @case.Params;
        bool preserving = settings.Text("scaling", "none") == "vp";
        var vp = EdmTableSchedule.Vp(BetaRange, BetaMin, preserving);
        string discretization = settings.Text("discretization", "edm");
        if (discretization == "vp" && (settings.Has("sigma_min") || settings.Has("sigma_max")))
            return false;
        var ratios = Ratios(settings, discretization, vp);
        NoiseSchedule? schedule = settings.Text("schedule", "linear") switch
        {
            "vp" => vp,
            "ve" => EdmTableSchedule.Ve(ratios[0], preserving),
            "linear" when !preserving => new EdmSchedule(ratios[^1], ratios[0]),
            _ => null,
        };
        if (schedule is null)
            return false;
        var grid = new TimeGrid(schedule, [.. ratios.Select(ratio => schedule.TimeOf(-2 * Math.Log(ratio))), 0]);
        var churn = EdmChurn.Read(settings);
        bool euler = settings.Text("solver", "heun") == "euler";
        var plan = (euler ? (ISolver)new EulerSolver(churn) : new HeunSolver(settings.Number("alpha", 1), churn)).Plan(grid);
        using var latents = @case["latents"].ToTensor();
        using var start = latents * grid.Levels[0].Sigma;
        var noise = new RecordedNoise(plan, step => @case["noises"][step], evaluations => euler ? evaluations : evaluations / 2);
        GoldenReplay.CompareCalls(comparison, @case, plan, file.Mixture(), start, noise);
        return true;
    }

    private static double[] Ratios(JsonElement settings, string discretization, EdmTableSchedule vp)
    {
        int steps = settings.Whole("num_steps", 18);
        double Min(double standard) => settings.Number("sigma_min", standard);
        double Max(double standard) => settings.Number("sigma_max", standard);
        switch (discretization)
        {
            case "vp":
                return [.. Enumerable.Range(0, steps).Select(i => vp.At(1 + (double)i / (steps - 1) * (EpsilonS - 1)).Ratio)];
            case "iddpm":
                // Of the cosine schedule's 1000 levels those in range, and of these evenly spaced ones.
                var cosine = new CosineSchedule();
                var all = Enumerable.Range(0, cosine.Steps).Reverse().Select(step => cosine.LevelOf(step).Ratio)
                    .Where(ratio => ratio >= Min(0.002) && ratio <= Max(81)).ToArray();
                return [.. Enumerable.Range(0, steps).Select(i => all[(int)Math.Round((all.Length - 1.0) / (steps - 1) * i)])];
            default:
                TimeSpacing spacing = discretization == "ve"
                    ? new ExponentialSpacing(ratioMin: Min(0.02), ratioMax: Max(100))
                    : new KarrasSpacing(settings.Number("rho", 7), Min(0.002), Max(80));
                return [.. DiffusersConfig.Ratios(spacing.Grid(KnownSchedules.Edm, steps)).SkipLast(1)];
        }
    }
}
