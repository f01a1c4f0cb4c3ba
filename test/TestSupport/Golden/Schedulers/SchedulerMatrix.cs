using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The cases of schedulers_matrix.json: each is read as a scheduler_config.json is, stored as a model file stores it, run, and compared call by call.</summary>
public sealed class SchedulerMatrix
{
    public const string FileName = "schedulers_matrix.json";

    // The header of the file: numbers that rounding decides, or that the reference does not reach in Float32, are no exact targets.
    private static readonly string[] Inexact = ["non_finite", "ill_conditioned", "f32_differs"];

    private readonly JsonElement _root;
    private readonly Dictionary<string, JsonElement> _cases;

    public SchedulerMatrix(GoldenFile file)
    {
        _root = file.Root;
        _cases = file.Cases.ToDictionary(@case => @case.Name, @case => @case.Json);
    }

    /// <summary>Runs a case.</summary>
    public SchedulerOutcome Run(GoldenCase @case)
    {
        string scheduler = @case.Text("class");
        if (SchedulerClasses.All.All(each => each.Name != scheduler))
            return Refused(@case, () => SchedulerConfig.Read(new DiffusersOptions(@case.Config, "case")), scheduler);
        if (Unasked(@case) is { } argument)
            return new SchedulerOutcome(SchedulerResult.Refused, $"{argument} is an argument of a call, not of a configuration");
        var comparison = new GoldenComparison();
        try
        {
            Compare(@case, comparison);
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException or InvalidDataException)
        {
            return Refused(@case, () => throw exception, [.. @case.Config.EnumerateObject().Select(option => option.Name).Where(name => name != "_class_name")]);
        }
        catch (InvalidOperationException exception) when (Quirks(@case).Intersect(Inexact).Any() || @case.Has("error"))
        {
            return new SchedulerOutcome(SchedulerResult.Informational, exception.Message);
        }
        if (@case.Has("error"))
            return new SchedulerOutcome(SchedulerResult.Informational, "runs, where the reference fails");
        if (comparison.Mismatches.Count == 0 && comparison.Count > 0)
            return new SchedulerOutcome(SchedulerResult.Equal, "");
        string what = string.Join("; ", comparison.Mismatches);
        return new SchedulerOutcome(Quirks(@case).Intersect(Inexact).Any() ? SchedulerResult.Informational : SchedulerResult.Wrong, what);
    }

    private static IEnumerable<string> Quirks(GoldenCase @case) => @case.Has("quirks") ? @case["quirks"].EnumerateArray().Select(quirk => quirk.GetString()!) : [];

    // A file that asks for what is not there must say so by name.
    private static SchedulerOutcome Refused(GoldenCase @case, Action read, params string[] names)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException or InvalidDataException)
        {
            return @case.Has("error") || names.Any(name => exception.Message.Contains(name, StringComparison.Ordinal))
                ? new SchedulerOutcome(SchedulerResult.Refused, exception.Message)
                : new SchedulerOutcome(SchedulerResult.Wrong, $"refused, but by none of its options: {exception.Message}");
        }
        return new SchedulerOutcome(SchedulerResult.Wrong, "not refused");
    }

    // What pipelines pass and no file says. The reference's churn asks the network about the state before the noise; FlowMatchEuler ignores it.
    private static string? Unasked(GoldenCase @case)
        => @case.Json.Property("step").Has("s_churn") && @case.Text("class") != "FlowMatchEulerDiscreteScheduler" ? "s_churn" : @case.Json.Property("set_timesteps").EnumerateObject().Select(argument => argument.Name).FirstOrDefault();

    private void Compare(GoldenCase @case, GoldenComparison comparison)
    {
        var settings = SchedulerConfig.Read(new DiffusersOptions(@case.Config, "case"));
        var solver = ModelJson.Read<ISolver>(ModelJson.Write(SchedulerArguments.Apply(@case.Json.Property("step"), settings)));
        var spacing = ModelJson.Read<TimeSpacing>(ModelJson.Write(settings.Spacing));
        settings.CheckChannels(@case.Json.Whole("d", 2));
        int steps = @case.Json.Whole("num_inference_steps"), width = @case.Json.Whole("d", 2);
        var grid = spacing.Grid(settings.Schedule, steps);
        var plan = solver.Plan(grid);

        var numbers = @case.Has("same_as") ? _cases[@case.Text("same_as")] : @case.Json;
        if (!numbers.Has("x") || @case.Has("error"))
            return;
        using var scope = NewDisposeScope();
        var draws = _root.GetProperty("draws").GetProperty($"{width}")[@case.Json.Whole("draw_set")];
        long[] shape = @case.Has("sample_shape") ? [.. @case["sample_shape"].Numbers().Select(size => (long)size)] : [3, width, 1, 1];
        var denoiser = new MatrixDenoiser(_root.GetProperty("models").GetProperty($"{width}"), settings, @case.Json.Whole("outputs", width) == 2 * width);
        IDenoiser asked = settings.Clip is { } clip ? ThresholdedDenoiser.Clip(denoiser, clip) : denoiser;
        var start = tensor(draws.GetProperty("z").Numbers(), shape).mul(grid.PriorScale);
        var noise = new MatrixNoise(plan, draws.GetProperty("noise"), numbers.Has("draws_per_step") ? numbers.GetProperty("draws_per_step").Numbers() : []);
        var sample = PlanRunner.Run(plan, asked, start, Conditioning.None, noise);

        double[][] states = [.. numbers.GetProperty("x").EnumerateArray().Select(state => state.Numbers())];
        double[][] inputs = numbers.Has("scaled_inputs")
            ? [.. numbers.GetProperty("scaled_inputs").EnumerateArray().Select(state => state.Numbers())]
            : [[.. draws.GetProperty("z").Numbers().Select(z => z * numbers.Number("init_noise_sigma", 1))], .. states[..^1]];
        // About a hundred times what a rounding of the reference changes.
        double tolerance = Math.Max(GoldenComparison.Tolerance, 100 * (@case.Text("sensitivity") == "unstable" ? 0 : @case.Json.Number("sensitivity", 0)));
        comparison.Equal("calls", denoiser.Inputs.Count, states.Length);
        comparison.Equal("timesteps", denoiser.Told, numbers.GetProperty("timesteps").Numbers(), tolerance);
        for (int call = 0; call < Math.Min(denoiser.Inputs.Count, inputs.Length); call++)
            comparison.Equal($"input {call}", denoiser.Inputs[call], inputs[call], tolerance);
        comparison.Equal("sample", sample.data<double>().ToArray(), states[^1], tolerance);
    }
}
