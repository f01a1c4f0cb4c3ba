namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>openai/consistency_models' losses of formula networks: training, and distillation of a teacher of the student's formula.</summary>
internal sealed class ConsistencyLossAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Text("source").EndsWith("KarrasDenoiser.consistency_losses", StringComparison.Ordinal)
            || FormulaNetwork.Read(Formula("student")) is not { } student || FormulaNetwork.Read(Formula("target")) is not { } target
            || Distance(settings.Text("loss_norm", "l2")) is not { } distance || Weight(settings) is not { } weight)
            return false;
        double scale = settings.Number("sigma_data", 0.5), min = settings.Number("sigma_min", 0.002), max = settings.Number("sigma_max", 80), rho = settings.Number("rho", 7);
        int steps = settings.Whole("num_scales", 40) - 1;
        var course = new DoublingCourse(steps, steps);
        var schedule = new EdmSchedule(min, max);
        bool distils = !@case.Text("teacher").StartsWith("none", StringComparison.Ordinal);
        if (distils && !@case.Text("teacher").Contains("Heun", StringComparison.Ordinal))
            return false;
        ConsistencyObjective objective = distils
            ? new ConsistencyDistillationObjective { Course = course, Distance = distance, Weight = weight, Rho = rho }
            : new ConsistencyTrainingObjective { Course = course, Distance = distance, Weight = weight, Rho = rho };
        // Index 0 is the noisiest.
        var ratios = DiffusersConfig.Ratios(new KarrasSpacing(rho, min, max).Grid(schedule, steps + 1));
        var parameterization = new ConsistencyParameterization(scale, min);
        var edm = new EdmParameterization(scale);
        objective.Check(parameterization, schedule);
        using var x0 = @case["x_start"].ToTensor();
        using var noise = @case["noise"].ToTensor();
        using var rows = objective.LossOfRows(new ObjectiveBatch
        {
            X0 = x0,
            Latent = noise,
            Levels = new NoiseLevels([.. @case["indices"].Numbers().Select(index => NoiseLevel.FromRatio(ratios[(int)index]))]),
            Process = new GaussianProcess(schedule),
            Parameterization = parameterization,
            Network = (x, levels) => Answer(student, parameterization, x, levels),
            Target = (x, levels) => Answer(target, parameterization, x, levels),
            Teacher = distils ? Teach : null,
        });
        comparison.Equal("loss", rows, @case["loss"]);
        return true;

        string Formula(string network) => @case.Text(network).Split('=')[^1].Replace("(.)", "(x)", StringComparison.Ordinal).Replace(" t", "*t", StringComparison.Ordinal);

        TorchSharp.torch.Tensor Teach(TorchSharp.torch.Tensor x, NoiseLevels levels)
        {
            using var answer = Answer(student, edm, x, levels);
            return edm.Denoise(x, answer, levels);
        }
    }

    private static TorchSharp.torch.Tensor Answer(FormulaNetwork network, Parameterization parameterization, TorchSharp.torch.Tensor x, NoiseLevels levels)
    {
        using var input = levels.Multiply(x, level => parameterization.At(level).In);
        return network.Answer(input, Enumerable.Range(0, (int)x.size(0)).Select(row => 1000 * 0.25 * Math.Log(levels[row].Ratio)));
    }

    private static ConsistencyDistance? Distance(string norm) => norm switch
    {
        "l1" => new AbsoluteDistance(),
        "l2" => new SquaredDistance(),
        _ => null,
    };

    private static LossWeight? Weight(System.Text.Json.JsonElement settings) => settings.Text("weight_schedule", "uniform") switch
    {
        "uniform" => KnownLossWeights.X0,
        "snr" => KnownLossWeights.Snr,
        "snr+1" => KnownLossWeights.SnrPlusOne,
        "karras" => new UniformLossWeight(new EdmParameterization(settings.Number("sigma_data", 0.5))),
        "truncated-snr" => KnownLossWeights.TruncatedSnr,
        _ => null,
    };
}
