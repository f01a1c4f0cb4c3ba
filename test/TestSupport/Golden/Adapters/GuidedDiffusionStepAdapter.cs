using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>A step of guided-diffusion's samplers: DDPM with classifier guidance by Algorithm 1, DDIM with Algorithm 2, or either without; and DDIM's step back to noise.</summary>
internal sealed class GuidedDiffusionStepAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        string sampler = @case.Text("source").Split('.')[^1];
        if (!@case.Text("source").StartsWith("guided-diffusion SpacedDiffusion.", StringComparison.Ordinal) || !settings.Has("spaced_index")
            || GuidedDiffusionBetasAdapter.Schedule(settings.Text("schedule"), settings.Whole("num_train", 1000)) is not { } whole
            || GuidedDiffusionLossAdapter.Variance(settings) is not { } variance)
            return false;
        var levels = Levels(whole, settings.Text("respacing"));
        comparison.Equal("spaced_alphas_cumprod", [.. levels.Select(level => level.Alpha * level.Alpha)], @case["spaced_alphas_cumprod"].Numbers());
        int index = settings.Whole("spaced_index");
        var model = new SpacedModel(file.Mixture(), levels, index, variance);
        using var x = @case["x_t"].ToTensor();
        if (sampler == "ddim_reverse_sample")
        {
            Back(comparison, @case, model, x, levels[index], index + 1 < levels.Length ? levels[index + 1] : new NoiseLevel(0, 1));
            return true;
        }
        ISolver? solver = sampler switch
        {
            "p_sample" => new DdpmSolver(variance),
            "ddim_sample" or "ddim_sample_eta" => new DdimSolver(settings.Number("eta", 0)),
            _ => null,
        };
        if (solver is null)
            return false;
        bool byMean = sampler == "p_sample";
        Compare(comparison, @case, model, x, byMean);
        var denoiser = (IDenoiser)model;
        var condition = Conditioning.None;
        // Whether a case is guided says nothing but its name.
        if (@case.Name.Contains("_guided", StringComparison.Ordinal))
        {
            var classifier = new LinearClassifier(@case["classifier"].GetProperty("W").Numbers(), @case["classifier"].GetProperty("b").Numbers());
            var guidance = new ClassifierGuidance(classifier, settings.Number("classifier_scale", 1)) { Shift = byMean ? KnownGuidanceShifts.Mean : KnownGuidanceShifts.Score };
            denoiser = model.AsInReference(guidance.Guide(model));
            condition = Labels(guidance, @case["classifier"].GetProperty("y").Numbers());
        }
        var plan = solver.Plan(new TimeGrid(whole, [1, 0], [levels[index], index > 0 ? levels[index - 1] : NoiseLevel.Clean]));
        using var recording = new RecordingDenoiser(denoiser);
        using var sample = PlanRunner.Run(plan, recording, x, condition, new RecordedNoise(plan, _ => @case["noise"][0], _ => 0));
        comparison.Equal("sample", sample, @case["sample"]);
        if (!byMean)
            comparison.Equal("pred_xstart", recording.Calls[0].X0, @case["pred_xstart"]);
        return true;
    }

    // From the data to the noise.
    private static NoiseLevel[] Levels(DiscreteSchedule schedule, string respacing)
    {
        bool ddim = respacing.StartsWith("ddim", StringComparison.Ordinal);
        int[] counts = [.. (ddim ? respacing[4..] : respacing).Split(',').Select(int.Parse)];
        EvenSpacing spacing = ddim ? new StridedSpacing() : new SectionSpacing(counts);
        return [.. spacing.Grid(schedule, counts.Sum()).Levels.SkipLast(1).Reverse()];
    }

    // What the reference knows before it guides.
    private static void Compare(GoldenComparison comparison, GoldenCase @case, SpacedModel model, Tensor x, bool byMean)
    {
        using var logVariance = model.LogVariance(x);
        comparison.Equal("log_variance", logVariance, @case["log_variance"]);
        if (!byMean)
            return;
        var (level, target) = (model.Level, model.Target);
        using var x0 = model.Denoise(x, new StepContext(level), Conditioning.None).X0;
        comparison.Equal("pred_xstart", x0, @case["pred_xstart"]);
        double share = level.RenewedShare(target), keep = target.Sigma == 0 ? 0 : level.Alpha / target.Alpha * Math.Pow(target.Sigma / level.Sigma, 2);
        using var mean = target.Alpha * share * x0 + keep * x;
        comparison.Equal("mean", mean, @case["mean"]);
    }

    private static void Back(GoldenComparison comparison, GoldenCase @case, IDenoiser model, Tensor x, NoiseLevel level, NoiseLevel next)
    {
        using var x0 = model.Denoise(x, new StepContext(level), Conditioning.None).X0;
        using var noise = KnownParameterizations.Epsilon.Target(x, x0, level);
        using var sample = new GaussianProcess(KnownSchedules.Vp).Corrupt(x0, noise, next);
        comparison.Equal("pred_xstart", x0, @case["pred_xstart"]);
        comparison.Equal("sample", sample, @case["sample"]);
    }

    private static Conditioning Labels(ClassifierGuidance guidance, double[] classes)
    {
        var layout = new ConditionLayout(guidance.InputsFor(new DataShape(1), ConditionLayout.Empty));
        float[] packed = [.. classes.SelectMany(label => new[] { float.NaN, (float)label + 1 })];
        return new Conditioning(layout, tensor(packed, classes.Length, 2));
    }

    /// <summary>The exact denoiser with v = tanh(x), and the variances of the reference's tables, which at step 0 are those of step 1.</summary>
    private sealed class SpacedModel : IDenoiser
    {
        private readonly IDenoiser _mixture;
        private readonly ReverseVariance _variance;
        private readonly VarianceRange _range;

        public SpacedModel(IDenoiser mixture, NoiseLevel[] levels, int index, ReverseVariance variance)
        {
            _mixture = mixture;
            _variance = variance;
            Level = levels[index];
            Target = index > 0 ? levels[index - 1] : NoiseLevel.Clean;
            _range = VarianceRange.Of(Level, Target) with { Smallest = VarianceRange.Of(levels[Math.Max(index, 1)], levels[Math.Max(index, 1) - 1]).Smallest };
        }

        public NoiseLevel Level { get; }

        public NoiseLevel Target { get; }

        public Tensor LogVariance(Tensor x)
        {
            using var place = x.tanh();
            using var learned = VarianceRange.LogVariance(place, Enumerable.Repeat(_range, (int)x.size(0)).ToArray());
            return _variance == ReverseVariance.Learned ? learned.clone() : full_like(x, Math.Log(Fixed));
        }

        /// <summary>The answer where the step to clean data has a variance too, as the reference guides with.</summary>
        public IDenoiser AsInReference(IDenoiser guided) => new LastStep(guided, Target.Sigma == 0 && _variance == ReverseVariance.Large ? Fixed : null);

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
            => _mixture.Denoise(x, step, Conditioning.None) with { LogVariance = _variance == ReverseVariance.Learned ? LogVariance(x) : null };

        private double Fixed => _variance == ReverseVariance.Large && Target.Sigma > 0 ? _range.Largest : _range.Smallest;

        private sealed class LastStep(IDenoiser inner, double? variance) : IDenoiser
        {
            public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition) => inner.Denoise(x, step with { NoiseVariance = variance ?? step.NoiseVariance }, condition);
        }
    }
}
