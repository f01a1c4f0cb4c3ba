using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion;

/// <content>The counterpart of reading.</content>
internal static partial class SchedulerConfig
{
    /// <summary>The options of a scheduler.</summary>
    /// <param name="schedule">The noise schedule of training.</param>
    /// <param name="parameterization">What the network predicts.</param>
    /// <param name="levelInput">What it is told about the noise level.</param>
    /// <param name="solver">How it is sampled from; null where that is open: DDIM.</param>
    /// <param name="spacing">Which times the steps visit; the schedule's own where null.</param>
    /// <param name="clip">The limit of x̂0; null for none.</param>
    /// <param name="steps">The number of steps of its runs; null where that is open.</param>
    /// <exception cref="NotSupportedException">diffusers has no counterpart; says of what, and what it has.</exception>
    public static JsonObject Write(NoiseSchedule schedule, Parameterization parameterization, LevelInput levelInput, ISampler? solver, TimeSpacing? spacing, double? clip, int? steps = null)
    {
        if (schedule is not DiscreteSchedule discrete)
            throw new NotSupportedException($"A {schedule.GetType().Name} is not saved: the schedulers of diffusers know tables of β, such as {nameof(KnownSchedules)}.{nameof(KnownSchedules.Linear)}, {nameof(KnownSchedules.ScaledLinear)} or {nameof(KnownSchedules.Cosine)}. Train with one of these.");
        if (ModelJson.Write(levelInput) != ModelJson.Write(KnownLevelInputs.Timestep(schedule)))
            throw new NotSupportedException($"The network is told the noise level as {Kinds.NameOf(levelInput)}, but networks of diffusers are told the timestep of their schedule ({nameof(KnownLevelInputs)}.{nameof(KnownLevelInputs.Timestep)}): train with that as the option LevelInput.");
        if (Prediction(parameterization) is not { } prediction)
            throw new NotSupportedException($"A network of {parameterization.GetType().Name} is not saved: the schedulers of diffusers know ε, v and x0. Train with {nameof(KnownParameterizations)}.{nameof(KnownParameterizations.Epsilon)}, {nameof(KnownParameterizations.V)} or {nameof(KnownParameterizations.X0)}.");
        var (sampler, places) = (solver ?? KnownSolvers.Ddim, spacing ?? schedule.DefaultSpacing);
        var options = Attempt(sampler);
        if (WriteSpacing(options, sampler, places, clip, steps) is { } refusal)
            throw new NotSupportedException($"{refusal} {SchedulerAdvice.For(sampler, places, IsSaved)}");
        return options;

        JsonObject Attempt(ISampler sampler)
        {
            var options = Solving(sampler, clip);
            (options["num_train_timesteps"], options["prediction_type"]) = (discrete.Steps, prediction);
            WriteTable(options, discrete);
            return options;
        }

        bool IsSaved(ISampler sampler, TimeSpacing places)
        {
            try
            {
                return WriteSpacing(Attempt(sampler), sampler, places, clip, steps) is null;
            }
            catch (NotSupportedException)
            {
                return false;
            }
        }
    }

    private static string? Prediction(Parameterization parameterization) => parameterization switch
    {
        EpsilonParameterization => "epsilon",
        VParameterization => "v_prediction",
        X0Parameterization => "sample",
        _ => null,
    };

    private static void WriteTable(JsonObject options, DiscreteSchedule schedule)
    {
        if (schedule is ZeroTerminalSnrSchedule rescaled)
        {
            options["rescale_betas_zero_snr"] = true;
            schedule = rescaled.Inner;
        }
        switch (schedule)
        {
            case LinearBetaSchedule linear:
                (options["beta_schedule"], options["beta_start"], options["beta_end"]) = ("linear", linear.BetaStart, linear.BetaEnd);
                break;
            case ScaledLinearBetaSchedule scaled:
                (options["beta_schedule"], options["beta_start"], options["beta_end"]) = ("scaled_linear", scaled.BetaStart, scaled.BetaEnd);
                break;
            case SigmoidBetaSchedule sigmoid:
                (options["beta_schedule"], options["beta_start"], options["beta_end"]) = ("sigmoid", sigmoid.BetaStart, sigmoid.BetaEnd);
                break;
            case CosineSchedule cosine when ModelJson.Write<NoiseSchedule>(cosine) == ModelJson.Write<NoiseSchedule>(new CosineSchedule(cosine.Steps)):
                options["beta_schedule"] = "squaredcos_cap_v2";
                break;
            default:
                options["trained_betas"] = new JsonArray([.. schedule.Betas.Select(beta => (JsonNode)beta)]);
                break;
        }
    }

    private static JsonObject Solving(ISampler solver, double? clip)
    {
        var options = new JsonObject();
        (string name, bool clips) = solver switch
        {
            DdimSolver { Eta: 0, NoiseScale: 1 } ddim => (Ddim(ddim), true),
            DdpmSolver ddpm => (Variance(ddpm), true),
            DdimSolver { Eta: 1, NoiseScale: 1 } => ("EulerAncestralDiscreteScheduler", false),
            EulerSolver euler when Same(euler, KnownSolvers.Euler) => ("EulerDiscreteScheduler", false),
            HeunSolver heun when Same(heun, KnownSolvers.Heun) => ("HeunDiscreteScheduler", true),
            LmsSolver { Order: 4 } => ("LMSDiscreteScheduler", false),
            PndmSolver pndm => (Pndm(pndm), false),
            MultistepDpmSolver { Eta: 0 or 1, NoiseScale: 1 } dpm => (Multistep(dpm), false),
            UniPcSolver uni => (UniPc(uni), false),
            DeisSolver deis => (Deis(deis), false),
            _ => throw new NotSupportedException($"A sampler of {solver.GetType().Name} with its options is not saved: the schedulers of diffusers do not know it. Sample with {nameof(KnownSolvers)}.{nameof(KnownSolvers.Ddim)}, {nameof(KnownSolvers.DdpmAncestral)}, {nameof(KnownSolvers.Euler)}, {nameof(KnownSolvers.Heun)} or {nameof(KnownSolvers.DpmSolverPlusPlus2M)}."),
        };
        options["_class_name"] = name;
        if (solver is DdimSolver && clip is not null)
            throw new NotSupportedException($"DDIM of diffusers limits x̂0 alone, and keeps ε̂ as it is: set {nameof(DdimSolver)}.{nameof(DdimSolver.Limit)} instead of {nameof(clip)}.");
        if (clip is not null && !clips)
            throw new NotSupportedException($"{name} of diffusers does not limit estimates: leave {nameof(clip)} unset.");
        double? range = clip ?? (solver is DdimSolver { Limit: { Quantile: null } limited } ? limited.Largest : null);
        if (clips)
            options["clip_sample"] = range is not null;
        if (range is not null)
            options["clip_sample_range"] = range;
        return options;

        string Ddim(DdimSolver ddim)
        {
            if (ddim.Limit is { Quantile: { } quantile } limit)
                (options["thresholding"], options["dynamic_thresholding_ratio"], options["sample_max_value"]) = (true, quantile, limit.Largest);
            return "DDIMScheduler";
        }

        string Variance(DdpmSolver ddpm)
        {
            options["variance_type"] = ddpm.Variance switch { ReverseVariance.Small => "fixed_small", ReverseVariance.Large => "fixed_large", _ => "learned_range" };
            return "DDPMScheduler";
        }

        string Pndm(PndmSolver pndm)
        {
            (options["skip_prk_steps"], options["set_alpha_to_one"]) = (!pndm.RungeKuttaStart, true);
            return "PNDMScheduler";
        }

        string Multistep(DpmGridSolver dpm)
        {
            var multistep = (MultistepDpmSolver)dpm;
            options["solver_order"] = multistep.Order;
            options["algorithm_type"] = (multistep.Eta == 1 ? "sde-" : "") + (multistep.Estimate == SolverEstimate.X0 ? "dpmsolver++" : "dpmsolver");
            options["solver_type"] = multistep.Slope == SlopeRule.Exact ? "heun" : "midpoint";
            (options["lower_order_final"], options["euler_at_final"]) = (multistep.LowerOrderFinal, multistep.EulerAtFinal);
            return "DPMSolverMultistepScheduler";
        }

        string UniPc(UniPcSolver uni)
        {
            (options["solver_order"], options["solver_type"]) = (uni.Order, uni.Variant == UniPcVariant.Bh1 ? "bh1" : "bh2");
            (options["predict_x0"], options["lower_order_final"]) = (uni.Estimate == SolverEstimate.X0, uni.LowerOrderFinal);
            options["disable_corrector"] = new JsonArray([.. uni.Uncorrected.Select(step => (JsonNode)step)]);
            return "UniPCMultistepScheduler";
        }

        string Deis(DeisSolver deis)
        {
            (options["solver_order"], options["lower_order_final"]) = (deis.Order, deis.LowerOrderFinal);
            return "DEISMultistepScheduler";
        }
    }

    private static bool Same(ISolver solver, ISolver other) => ModelJson.Write(solver) == ModelJson.Write(other);

    // Where the scheduler of this name reads it back as another one, it is refused: the reason; null where it is written.
    private static string? WriteSpacing(JsonObject options, ISampler solver, TimeSpacing spacing, double? clip, int? steps)
    {
        bool others = false, otherwise = false;
        foreach (var candidate in Candidates())
        {
            var trial = (JsonObject)options.DeepClone();
            candidate(trial);
            var settings = Read(new DiffusersOptions(System.Text.Json.JsonSerializer.SerializeToElement(trial), "scheduler"));
            if (!SameGrids.Are(settings.Spacing, spacing, settings.Schedule))
                continue;
            // Where steps do not divide the table, schedulers of ⌊T/N⌋ go other ways than a spacing that is theirs elsewhere.
            if (steps is { } run && SameGrids.AreAt(settings.Spacing, spacing, settings.Schedule, run) == false)
            {
                otherwise = true;
                continue;
            }
            others = true;
            if (ModelJson.Write<ISampler>(settings.Solver) != ModelJson.Write(solver) || settings.Clip != clip)
                continue;
            candidate(options);
            return null;
        }
        if (others)
            return $"{options["_class_name"]} of diffusers does not sample as {solver.Describe()}{(clip is null ? "" : $" with estimates limited to ±{clip}")} with a network of this parameterization.";
        if (otherwise)
            return $"Runs of {steps} steps are not saved: {options["_class_name"]} of diffusers visits other timesteps there than the spacing {ModelJson.Write(spacing)}. Sample with a number of steps that divides {options["num_train_timesteps"]}.";
        return $"The spacing {ModelJson.Write(spacing)} is not saved: {options["_class_name"]} of diffusers does not know it.";

        IEnumerable<Action<JsonObject>> Candidates()
        {
            foreach (string word in (string[])["trailing", "leading", "linspace"])
            {
                yield return each => each["timestep_spacing"] = word;
                yield return each => (each["timestep_spacing"], each["final_sigmas_type"]) = (word, "sigma_min");
                yield return each => (each["timestep_spacing"], each["set_alpha_to_one"]) = (word, false);
            }
            if (Offset(spacing) is { } offset)
            {
                yield return each => (each["timestep_spacing"], each["steps_offset"]) = ("leading", offset);
                yield return each => (each["timestep_spacing"], each["steps_offset"], each["set_alpha_to_one"]) = ("leading", offset, false);
            }
            foreach (string option in (string[])["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"])
                yield return each => each[option] = true;
        }
    }

    private static int? Offset(TimeSpacing spacing) => spacing switch
    {
        LeadingSpacing leading => leading.Offset,
        NoisyEndSpacing noisy => Offset(noisy.Inner),
        OpenEndedSpacing open => Offset(open.Inner),
        SchedulerSpacing { Offset: > 0 } scheduler => scheduler.Offset,
        _ => null,
    };
}
