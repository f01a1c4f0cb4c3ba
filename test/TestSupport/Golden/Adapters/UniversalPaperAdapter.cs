namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Backward universal guidance and self-recurrence by the paper's equations: one step of DDIM, k times.</summary>
internal sealed class UniversalPaperAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Text("label").Contains("2302.07121", StringComparison.Ordinal) || !settings.Has("alpha_bar_prev")
            || !settings.Text("optimizer").StartsWith("gradient descent", StringComparison.Ordinal))
            return false;
        using var target = @case["target"].ToTensor();
        if (UniversalCase.Objective(settings.Text("loss"), target) is not { } objective)
            return false;
        int recurrence = settings.Whole("k", 1);
        var guidance = new UniversalGuidance(objective)
        {
            ForwardWeight = 0,
            BackwardSteps = settings.Whole("m"),
            BackwardStepSize = settings.GetProperty("lr").ToNumber(),
            Recurrence = recurrence,
        };
        NoiseLevel from = NoiseLevel.FromAlphaBar(settings.GetProperty("alpha_bar_t").ToNumber()), to = NoiseLevel.FromAlphaBar(settings.GetProperty("alpha_bar_prev").ToNumber());
        var grid = new TimeGrid(KnownSchedules.Cosine, [0.6, 0.5], [from, to]);
        var solver = new DdimSolver();
        var steps = @case["steps"].EnumerateArray().ToArray();
        comparison.Equal("number of steps", steps.Length, recurrence);

        using var plain = new RecordingDenoiser(file.Mixture());
        using var guided = new RecordingDenoiser(guidance.Guide(plain));
        using var start = steps[0].GetProperty("z_t").ToTensor();
        var again = steps.Select(step => step.GetProperty("noise"));
        using var sample = PlanRunner.Run(new RecurrentSolver(solver, recurrence).Plan(grid), guided, start, Conditioning.None, new ListedNoise(again, []));
        comparison.Equal("z_prev at the end", sample, steps[^1].GetProperty("z_prev"));
        for (int i = 0; i < steps.Length; i++)
        {
            var step = steps[i];
            var (z, level, x0) = guided.Calls[i];
            using var delta = x0.sub(plain.Calls[i].X0);
            using var epsilon = KnownParameterizations.Epsilon.Target(z, x0, level);
            comparison.Equal($"step {i}, z_t", z, step.GetProperty("z_t"));
            comparison.Equal($"step {i}, x0_hat", plain.Calls[i].X0, step.GetProperty("x0_hat"));
            comparison.Equal($"step {i}, delta", delta, step.GetProperty("delta"));
            comparison.Equal($"step {i}, eps_tilde", epsilon, step.GetProperty("eps_tilde"));

            using var before = step.GetProperty("z_t").ToTensor();
            using var down = PlanRunner.Run(solver.Plan(grid), guidance.Guide(file.Mixture()), before, Conditioning.None, new ListedNoise([], []));
            comparison.Equal($"step {i}, z_prev", down, step.GetProperty("z_prev"));
            var trace = new PlanTracer(grid);
            var up = trace.Finish(trace.Renoise(trace.Start, to, from));
            using var noised = PlanRunner.Run(up, plain, down, Conditioning.None, new ListedNoise([step.GetProperty("noise")], []));
            comparison.Equal($"step {i}, z_t_again", noised, step.GetProperty("z_t_again"));
        }
        return true;
    }
}
