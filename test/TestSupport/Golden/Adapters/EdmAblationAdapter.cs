using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>EDM's generalised sampler (Algorithm 3): solvers that integrate in the time of a schedule of Table 1.</summary>
internal sealed class EdmAblationAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("function") != "ablation_sampler")
            return false;
        var settings = @case.Params;
        bool preserving = settings.Text("scaling", "none") == "vp";
        string discretization = settings.Text("discretization", "edm");
        double first = settings.Number("epsilon_s", 1e-3);
        // The ranges that the reference takes for each discretization.
        var scoreSde = new VpSchedule();
        var (least, most) = discretization switch
        {
            "vp" => (scoreSde.At(first).Ratio, scoreSde.At(1).Ratio),
            "ve" => (0.02, 100),
            "iddpm" => (0.002, 81),
            _ => (0.002, 80.0),
        };
        double min = settings.Number("sigma_min", least), max = settings.Number("sigma_max", most);
        // The VP schedule whose σ is the largest at time 1 and the smallest at ε_s.
        double betaRange = 2 * (Math.Log(min * min + 1) / first - Math.Log(max * max + 1)) / (first - 1);
        double betaMin = Math.Log(max * max + 1) - 0.5 * betaRange;
        var vp = EdmTableSchedule.Vp(betaRange, betaMin, preserving);
        double[] ratios = Ratios(settings, discretization, first, min, max, vp);
        var churn = EdmChurn.Read(settings);
        // The reference churns beyond the end of its schedule.
        bool beyond = churn.Amount > 0 && churn.RatioMax >= ratios[0];
        NoiseSchedule? schedule = settings.Text("schedule", "linear") switch
        {
            "vp" => preserving && betaMin >= 0 && betaRange > 0 && !beyond ? new VpSchedule(betaMin, betaMin + betaRange) : vp,
            "ve" => EdmTableSchedule.Ve(ratios[0], preserving),
            "linear" => preserving ? EdmTableSchedule.Linear(ratios[0], preserving) : new EdmSchedule(ratios[^1], ratios[0]),
            _ => null,
        };
        if (schedule is null)
            return false;
        var grid = new TimeGrid(schedule, [.. ratios.Select(ratio => schedule.TimeOf(-2 * Math.Log(ratio))), 0]);
        bool euler = settings.Text("solver", "heun") == "euler";
        var plan = (euler ? (ISolver)new EulerSolver(churn) : new HeunSolver(settings.Number("alpha", 1), churn)).Plan(grid);
        using var latents = @case["latents"].ToTensor();
        using var start = latents * grid.Levels[0].Sigma;
        var noise = new RecordedNoise(plan, step => @case["noises"][step], evaluations => euler ? evaluations : evaluations / 2);
        GoldenReplay.CompareCalls(comparison, @case, plan, file.Mixture(), start, noise);
        return true;
    }

    private static double[] Ratios(JsonElement settings, string discretization, double first, double min, double max, EdmTableSchedule vp)
    {
        int steps = settings.Whole("num_steps", 18);
        switch (discretization)
        {
            case "vp":
                return [.. Enumerable.Range(0, steps).Select(i => vp.At(1 + (double)i / (steps - 1) * (first - 1)).Ratio)];
            case "iddpm":
                // Of the cosine schedule's levels those in range, and of these evenly spaced ones.
                var cosine = new CosineSchedule(settings.Whole("M", 1000), settings.Number("C_2", 0.008), 1 - settings.Number("C_1", 0.001));
                var all = Enumerable.Range(0, cosine.Steps).Reverse().Select(step => cosine.LevelOf(step).Ratio).Where(ratio => ratio >= min && ratio <= max).ToArray();
                return [.. Enumerable.Range(0, steps).Select(i => all[(int)Math.Round((all.Length - 1.0) / (steps - 1) * i)])];
            default:
                TimeSpacing spacing = discretization == "ve"
                    ? new ExponentialSpacing(ratioMin: min, ratioMax: max)
                    : new KarrasSpacing(settings.Number("rho", 7), min, max);
                return [.. DiffusersConfig.Ratios(spacing.Grid(KnownSchedules.Edm, steps)).SkipLast(1)];
        }
    }
}
