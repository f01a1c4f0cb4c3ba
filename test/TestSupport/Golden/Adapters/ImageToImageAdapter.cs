using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' image-to-image pipeline with its DDIM, Euler and DPM-Solver++ schedulers.</summary>
internal sealed class ImageToImageAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").Contains("Img2Img", StringComparison.Ordinal)
            || DiffusersConfig.Schedule(@case.Params) is not { } schedule
            || Run(@case, schedule) is not var (solver, grid))
            return false;
        var rest = ImageToImage.Rest(grid, @case.Params.Number("strength", 0.8));
        if (rest is null)
            return false;
        var used = @case["used_timesteps"].Numbers();
        comparison.Equal("used timesteps", rest.Steps, used.Length);
        comparison.Equal("first time used", @case["all_timesteps"].Numbers()[grid.Steps - rest.Steps], used[0]);

        var plan = ImageToImage.Plan(solver, rest);
        using var recording = new RecordingDenoiser(file.Mixture());
        using var source = @case["x0"].ToTensor();
        using var noise = @case["noise"].ToTensor();
        using var scale = tensor(rest.PriorScale, float64);
        using var start = noise.mul(scale);
        using var sample = PlanRunner.Run(plan, recording, start, Conditioning.None, new ScatteredNoise(0), [source]);
        var trajectory = @case["trajectory"].EnumerateArray().ToArray();
        comparison.Equal("states", plan.Evaluations + 1, trajectory.Length);
        for (int i = 0; i < Math.Min(recording.Calls.Count, trajectory.Length); i++)
            comparison.Equal($"state {i}", recording.Calls[i].X, trajectory[i]);
        comparison.Equal("last state", sample, trajectory[^1]);
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }

    // The scheduler is in the name of the case alone. Its times are taken as listed: each scheduler has a spacing of its own.
    private static (ISolver Solver, TimeGrid Grid)? Run(GoldenCase @case, DiscreteSchedule schedule)
    {
        var times = @case["all_timesteps"].Numbers();
        bool Is(string scheduler) => @case.Name.StartsWith($"img2img_{scheduler}_", StringComparison.Ordinal);
        if (Is("euler"))
            return (KnownSolvers.Euler, TimeGrid.FromRatios([.. times.Select(time => Ratio(schedule, time)), 0]));
        if (times.Any(time => time != Math.Round(time)))
            return null;
        var grid = schedule.Grid([.. times.Select(time => (int)time)]);
        if (Is("dpmpp_2m"))
            return (KnownSolvers.DpmSolverPlusPlus2M, grid);
        if (!Is("ddim") || @case.Params.Flag("clip_sample", missing: true))
            return null;
        if (@case.Params.Flag("set_alpha_to_one", missing: true))
            return (KnownSolvers.Ddim, grid);
        return times[^1] == 0 ? null
            : (KnownSolvers.Ddim, new TimeGrid(schedule, [.. grid.Times.SkipLast(1), 0], [.. grid.Levels.SkipLast(1), schedule.LevelOf(0)]));
    }

    // Between two steps diffusers' Euler interpolates σ/α linearly.
    private static double Ratio(DiscreteSchedule schedule, double time)
    {
        int below = Math.Min((int)time, schedule.Steps - 2);
        double from = schedule.LevelOf(below).Ratio, to = schedule.LevelOf(below + 1).Ratio;
        return from + (time - below) * (to - from);
    }
}
