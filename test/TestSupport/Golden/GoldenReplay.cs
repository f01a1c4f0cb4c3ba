using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Runs a solver as a reference ran its sampler, from the same start with the same draws, and compares what both passed.</summary>
public static class GoldenReplay
{
    /// <summary>Compares with a list of network calls in variance-exploding form: x, sigma, denoised.</summary>
    /// <param name="comparison">Where numbers are noted.</param>
    /// <param name="case">The case.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="mixture">The denoiser.</param>
    /// <param name="start">The starting state.</param>
    /// <param name="noise">The draws.</param>
    /// <param name="wrap">What stands between network and sampler.</param>
    public static void CompareCalls(
        GoldenComparison comparison, GoldenCase @case, SamplingPlan plan, IDenoiser mixture, Tensor start, INoiseSource noise, Func<IDenoiser, IDenoiser>? wrap = null)
    {
        using var recording = new RecordingDenoiser(mixture);
        using var sample = PlanRunner.Run(plan, wrap?.Invoke(recording) ?? recording, start, Conditioning.None, noise);
        CompareCalls(comparison, "model", recording, @case["model_calls"]);
        comparison.Equal("sample", sample, @case["x_final"]);
    }

    /// <summary>Compares the calls of one network with a list in variance-exploding form: x, sigma, denoised.</summary>
    public static void CompareCalls(GoldenComparison comparison, string network, RecordingDenoiser recording, JsonElement expected)
    {
        comparison.Equal($"number of {network} calls", recording.Calls.Count, expected.GetArrayLength());
        for (int i = 0; i < Math.Min(expected.GetArrayLength(), recording.Calls.Count); i++)
        {
            var (x, level, x0) = recording.Calls[i];
            using var scaled = x / level.Alpha;
            comparison.Equal($"{network} call {i}, sigma", level.Ratio, expected[i].GetProperty("sigma").ToNumber());
            comparison.Equal($"{network} call {i}, x", scaled, expected[i].GetProperty("x"));
            comparison.Equal($"{network} call {i}, denoised", x0, expected[i].GetProperty("denoised"));
        }
    }

    /// <summary>Compares with the steps of a diffusers scheduler: model_input, model_output and x_next.</summary>
    /// <param name="comparison">Where numbers are noted.</param>
    /// <param name="case">The case.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="mixture">The denoiser.</param>
    /// <param name="parameterization">What the network of the case predicts; null where the library does not have it.</param>
    /// <param name="wrap">What stands between network and sampler.</param>
    public static void CompareSteps(
        GoldenComparison comparison, GoldenCase @case, SamplingPlan plan, IDenoiser mixture, Parameterization? parameterization, Func<IDenoiser, IDenoiser>? wrap = null)
    {
        var steps = @case["steps"].EnumerateArray().ToArray();
        // Noise belongs to the end of a step: after as many evaluations as steps are done.
        var noise = new RecordedNoise(plan, step => steps[step].GetProperty("noise")[0], evaluations => evaluations - 1);
        using var recording = new RecordingDenoiser(mixture);
        using var start = @case["x_init"].ToTensor();
        using var sample = PlanRunner.Run(plan, wrap?.Invoke(recording) ?? recording, start, Conditioning.None, noise);
        comparison.Equal("number of model calls", plan.Evaluations, steps.Length);
        for (int i = 0; i < Math.Min(steps.Length, recording.Calls.Count); i++)
        {
            if (i > 0)
                comparison.Equal($"step {i - 1}, x_next", recording.Calls[i].X, steps[i - 1].GetProperty("x_next"));
            if (parameterization is not null)
                CompareNetwork(comparison, $"step {i}", recording.Calls[i], steps[i], parameterization);
        }
        comparison.Equal("sample", sample, @case["x_final"]);
    }

    private static void CompareNetwork(
        GoldenComparison comparison, string step, (Tensor X, NoiseLevel Level, Tensor X0) call, JsonElement expected, Parameterization parameterization)
    {
        using var input = call.X * parameterization.At(call.Level).In;
        using var output = parameterization.Target(call.X, call.X0, call.Level);
        using var back = parameterization.Denoise(call.X, output, call.Level);
        comparison.Equal($"{step}, model input", input, expected.GetProperty("model_input"));
        comparison.Equal($"{step}, model output", output, expected.GetProperty("model_output"));
        comparison.Equal($"{step}, x0 from model output", back.data<double>().ToArray(), call.X0.data<double>().ToArray());
    }
}
