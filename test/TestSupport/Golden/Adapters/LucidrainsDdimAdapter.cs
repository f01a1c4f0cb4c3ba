using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>lucidrains' DDIM, of a network given as a formula. It derives ε̂ again from the clipped x̂0.</summary>
internal sealed class LucidrainsDdimAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Text("source").EndsWith("GaussianDiffusion.ddim_sample", StringComparison.Ordinal)
            || FormulaNetwork.Read(@case.Text("model")) is not { } network
            || Prediction(settings) is not { } parameterization
            || LucidrainsBetasAdapter.Schedule(settings.Text("beta_schedule", "sigmoid"), settings) is not { } schedule)
            return false;
        // int(linspace(−1, T − 1, N + 1)), from the last down.
        int count = settings.Whole("sampling_timesteps", schedule.Steps);
        var grid = schedule.Grid([.. Enumerable.Range(1, count).Reverse().Select(i => (int)(-1 + (double)i * schedule.Steps / count))]);
        var plan = new DdimSolver(settings.Number("eta", 0)).Plan(grid);
        using var recording = new RecordingDenoiser(new Formula(schedule, parameterization, network));
        IDenoiser denoiser = settings.Flag("clip_x_start", true) ? ThresholdedDenoiser.Clip(recording) : recording;
        // The first of the draws is the start.
        using var start = @case["noises"][0].ToTensor();
        using var sample = PlanRunner.Run(plan, denoiser, start, Conditioning.None, new RecordedNoise(plan, draw => @case["noises"][draw + 1], evaluations => evaluations - 1));
        for (int i = 0; i < recording.Calls.Count; i++)
            comparison.Equal($"state {i}", recording.Calls[i].X, @case["trajectory"][i]);
        comparison.Equal("number of states", recording.Calls.Count + 1, @case["trajectory"].GetArrayLength());
        comparison.Equal("sample", sample, @case["trajectory"][recording.Calls.Count]);
        return true;
    }

    /// <summary>What the network predicts; null where the library does not have it.</summary>
    public static Parameterization? Prediction(JsonElement settings) => settings.Text("objective", "pred_v") switch
    {
        "pred_noise" => KnownParameterizations.Epsilon,
        "pred_x0" => KnownParameterizations.X0,
        "pred_v" => KnownParameterizations.V,
        _ => null,
    };

    private sealed class Formula(DiscreteSchedule schedule, Parameterization parameterization, FormulaNetwork network) : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            double t = Math.Round(schedule.TimeOf(step.Level[0].LogSnr) * (schedule.Steps - 1));
            using var answer = network.Answer(x, Enumerable.Repeat(t, (int)x.size(0)));
            return new Denoised(parameterization.Denoise(x, answer, step.Level));
        }
    }
}
