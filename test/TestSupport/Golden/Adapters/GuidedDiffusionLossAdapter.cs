namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>guided-diffusion's training losses of a recorded answer: L_simple, the variational bound, and both, for fixed and learned variances.</summary>
internal sealed class GuidedDiffusionLossAdapter : IGoldenAdapter
{
    // Of 8 bits, whatever the data.
    public const double BinWidth = 2.0 / 255;

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Text("source").EndsWith("GaussianDiffusion.training_losses", StringComparison.Ordinal)
            || Schedule(settings) is not { } schedule || Variance(settings) is not { } variance || Prediction(settings) is not { } parameterization)
            return false;
        bool learned = variance == ReverseVariance.Learned, rescaled = settings.Text("loss_type").StartsWith("RESCALED", StringComparison.Ordinal);
        // The bound is weighted by 1/1,000 of the number of steps, or once.
        double boundWeight = rescaled ? 1e-3 : 1.0 / schedule.Steps;
        Objective? objective = settings.Text("loss_type") switch
        {
            "MSE" or "RESCALED_MSE" => learned ? new HybridObjective(boundWeight, BinWidth) : KnownObjectives.Simple,
            "KL" or "RESCALED_KL" => new VariationalObjective(variance, rescaled, BinWidth),
            _ => null,
        };
        if (objective is null)
            return false;
        double[] steps = @case["t"].Numbers();
        var levels = new NoiseLevels([.. steps.Select(step => schedule.LevelOf((int)step))], [.. steps.Select(step => schedule.TimeOfStep((int)step))]);
        using var x0 = @case["x_start"].ToTensor();
        using var noise = @case["noise"].ToTensor();
        using var answer = @case["model_out"].ToTensor();
        var batch = new ObjectiveBatch
        {
            X0 = x0,
            Latent = noise,
            Levels = levels,
            Process = new GaussianProcess(schedule),
            Parameterization = parameterization,
            // The error counts alike in units of what the network predicts.
            Network = (_, _) => answer.clone(),
        };
        using var rows = objective.LossOfRows(batch);
        comparison.Equal("loss", rows, @case["terms"].GetProperty("loss"));
        var terms = @case["terms"];
        long channels = x0.size(1);
        using var mean = answer.narrow(1, 0, channels);
        using var x = batch.Corrupt(levels);
        if (terms.Has("mse"))
        {
            using var squares = new DenoisingObjective(parameterization).LossOfRows(mean, x, x0, levels);
            comparison.Equal("mse", squares, terms.GetProperty("mse"));
        }
        if (terms.Has("vb"))
        {
            using var place = answer.narrow(1, channels, channels);
            using var estimate = parameterization.Denoise(x, mean, levels);
            using var bound = new VariationalBound(schedule, variance, BinWidth).TermsOfRows(estimate, place, x0, levels);
            comparison.Equal("vb", [.. bound.data<double>().ToArray().Select(bits => bits * boundWeight * schedule.Steps)], terms.GetProperty("vb").Numbers());
        }
        return true;
    }

    public static DiscreteSchedule? Schedule(System.Text.Json.JsonElement settings)
    {
        int steps = settings.Whole("num_diffusion_timesteps", 1000);
        return GuidedDiffusionBetasAdapter.Schedule(settings.Text("schedule", "linear"), steps);
    }

    public static ReverseVariance? Variance(System.Text.Json.JsonElement settings) => settings.Text("var_type") switch
    {
        "LEARNED_RANGE" => ReverseVariance.Learned,
        "FIXED_SMALL" => ReverseVariance.Small,
        "FIXED_LARGE" => ReverseVariance.Large,
        _ => null,
    };

    private static Parameterization? Prediction(System.Text.Json.JsonElement settings) => settings.Text("mean_type", "EPSILON") switch
    {
        "EPSILON" => KnownParameterizations.Epsilon,
        "START_X" => KnownParameterizations.X0,
        _ => null,
    };
}
