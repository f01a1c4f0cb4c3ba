using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// A step of universal guidance of pictures: the authors' ddim_sample_operation, forward or not, then backward by Adam, with self-recurrence. Two channels are the file's mixture, a third
/// is normal.
/// </summary>
internal sealed class UniversalPixelAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        string backward = settings.Text("backward_optimizer"), beta = settings.Text("schedule", "linear 1000");
        if (!@case.Text("source").EndsWith("ddim_sample_operation", StringComparison.Ordinal) || !backward.StartsWith("Adam", StringComparison.Ordinal)
            || Solver(settings.Text("sampling_type")) is not { } solver
            || GuidedDiffusionBetasAdapter.Schedule(beta.Split(' ')[0], int.Parse(beta.Split(' ')[1], CultureInfo.InvariantCulture)) is not { } schedule)
            return false;
        var sections = settings.GetProperty("section_counts");
        int[] counts = sections.ValueKind == JsonValueKind.String
            ? [.. sections.GetString()!.Split(',').Select(count => int.Parse(count, CultureInfo.InvariantCulture))]
            : [.. sections.Numbers().Select(count => (int)count)];
        int index = settings.Whole("spaced_index"), recurrence = settings.Whole("self_recurrence", 1);
        var whole = new SectionSpacing(counts).Grid(schedule, counts.Sum());
        comparison.Equal("alphas_cumprod", [.. whole.Levels.SkipLast(1).Reverse().Select(level => level.Alpha * level.Alpha)], @case["alphas_cumprod"].Numbers());
        int first = whole.Steps - 1 - index;
        var grid = whole.Slice(first, first + 1);
        comparison.Equal("original_t", grid.Times[0] * (schedule.Steps - 1), @case["original_t"].ToNumber());
        comparison.Equal("beta", 1 - Math.Pow(grid.Levels[0].Alpha / grid.Levels[1].Alpha, 2), @case["betas"].Numbers()[index]);

        using var target = @case["target"].ToTensor();
        var guidance = new UniversalGuidance(UniversalCase.Objective(settings.Text("loss", "sum((x0-target)^2)"), target)!)
        {
            ForwardWeight = settings.Flag("forward") ? settings.Number("forward_weight", 1) : 0,
            BackwardSteps = settings.Whole("backward_steps"),
            BackwardStepSize = UniversalCase.Number(backward, "lr=")!.Value,
            BackwardRule = KnownAscentRules.Adam,
            BackwardLimit = 1,
            BackwardGoal = -UniversalCase.Number(backward, "loss<")!.Value,
            Recurrence = recurrence,
        };
        // The reference clips once more, also where no backward step does.
        using var recording = new RecordingDenoiser(ThresholdedDenoiser.Clip(guidance.Guide(Model(file.Root.GetProperty("gmm"))), 1));
        using var start = @case["x_t"].ToTensor();
        using var sample = PlanRunner.Run(
            new RecurrentSolver(solver, recurrence).Plan(grid), recording, start, Conditioning.None, UniversalCase.Noise(solver, grid, recurrence, @case["noises"]));
        comparison.Equal("number of model calls", recording.Calls.Count, recurrence);
        comparison.Equal("pred_xstart", recording.Calls[^1].X0, @case["pred_xstart"]);
        comparison.Equal("sample", sample, @case["sample"]);
        return true;
    }

    private static DdimSolver? Solver(string type) => type switch
    {
        "ddim" => new DdimSolver(),
        "ddpm" => new DdimSolver(1),
        "fully_random" => new DdimSolver(double.PositiveInfinity),
        _ => null,
    };

    // ε̂ = σ·x of the third channel is that of a standard normal one, whatever the component.
    private static GaussianMixtureDenoiser Model(JsonElement mixture) => new(
        mixture.GetProperty("w").Numbers(),
        [.. mixture.GetProperty("m").EnumerateArray().Select(mean => (double[])[.. mean.Numbers(), 0])],
        [.. mixture.GetProperty("c").EnumerateArray().Select(covariance => Widened(covariance.Numbers()))]);

    private static double[,] Widened(double[] c) => new[,] { { c[0], c[1], 0 }, { c[2], c[3], 0 }, { 0, 0, 1 } };
}
