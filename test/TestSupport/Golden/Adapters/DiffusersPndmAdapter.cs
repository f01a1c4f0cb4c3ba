namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' PNDM scheduler, with its Runge–Kutta start or without (PLMS).</summary>
internal sealed class DiffusersPndmAdapter : SchedulerAdapter
{
    // Calls of the start: three steps of four.
    private const int StartCalls = 12;

    protected override bool Run(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var config = @case.Config;
        if (@case.Text("scheduler") != "PNDMScheduler" || DiffusersConfig.Schedule(config) is not { } schedule)
            return false;
        bool plms = config.Flag("skip_prk_steps");
        int[] calls = [.. @case["timesteps"].Numbers().Select(time => (int)time)];
        int[] steps = plms ? [.. calls.Distinct()] : [.. calls.Where((_, i) => i >= StartCalls || i % 4 == 0)];
        int stride = schedule.Steps / @case.Json.Whole("num_inference_steps");
        // The reference goes down by the stride, whatever step its spacing visits next (as its DDIM does, which the shared cases list as a quirk).
        if (steps.Zip(steps.Skip(1), (from, to) => from - to).Any(length => length != stride))
            return false;
        var end = steps[^1] >= stride ? schedule.LevelOf(steps[^1] - stride) : config.Flag("set_alpha_to_one") ? NoiseLevel.Clean : schedule.LevelOf(0);
        var grid = new TimeGrid(schedule, [.. steps.Append(-1).Select(schedule.TimeOfStep)], DiffusersConfig.Falling([.. steps.Select(schedule.LevelOf), end]));
        GoldenReplay.CompareSteps(comparison, @case, new PndmSolver(!plms).Plan(grid), file.Mixture(), DiffusersConfig.Prediction(@case));
        return true;
    }
}
