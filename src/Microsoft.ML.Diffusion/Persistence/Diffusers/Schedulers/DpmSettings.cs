namespace Microsoft.ML.Diffusion;

/// <summary>What DPMSolverMultistepScheduler and DPMSolverSinglestepScheduler have in common.</summary>
internal static class DpmSettings
{
    private const int PictureChannels = 3;

    /// <summary>Makes the solver.</summary>
    public delegate ISolver Maker(int order, double eta, SolverEstimate estimate, SlopeRule slope, bool lower, RunEnd end);

    /// <summary>The options of both.</summary>
    /// <param name="lower">lower_order_final where it is not given.</param>
    public static SchedulerOption[] Options(bool lower) =>
    [
        SchedulerOptions.Prediction, .. SchedulerOptions.Thresholding, .. SchedulerOptions.Curves, .. SchedulerOptions.Flow, SchedulerOptions.Order, .. SchedulerOptions.Final(lower),
        .. DpmWords.Options,
        new("lambda_min_clipped", double.NegativeInfinity, "the noisiest timesteps are left out whose λ lies below"),
        new("variance_type", null, "whether the network also answers with a variance: learned, learned_range"),
    ];

    /// <summary>The settings.</summary>
    public static SchedulerSettings Read(SchedulerValues values, DiscreteSchedule schedule, SchedulerSpacing places, bool lu, Maker make, bool roundsCosine = true)
    {
        var (estimate, eta) = DpmWords.Algorithm(values);
        var slope = DpmWords.Slope(values);
        int order = values.Whole("solver_order", 1, 3);
        bool lower = values.Flag("lower_order_final");
        var end = SchedulerOptions.End(values);
        var limit = SchedulerOptions.Threshold(values);
        double? lambda = values.Bound("lambda_min_clipped");
        bool variance = values.WordOrNull("variance_type") is "learned" or "learned_range";
        if (eta > 0 && order == 3)
            throw values.Refuse("solver_order", "3 is not supported together with a stochastic algorithm_type, whose published update has a wrong sign there");
        if (estimate == SolverEstimate.Epsilon && end == RunEnd.Clean)
            throw values.Refuse("algorithm_type", "of ε can not end at clean data: final_sigmas_type must be sigma_min");
        var curve = SchedulerOptions.Curve(values);
        var solver = make(order, eta, estimate, slope, lower, end);
        lu &= curve != SigmaCurve.Karras;
        if (MultistepFlow.Read(values, lu ? SigmaCurve.Exponential : curve, FlowSpan.ToData, end == RunEnd.Clean ? 0 : new SigmaTable(schedule).Smallest, null, solver) is { } flow)
            return flow.Within(limit);
        bool nearest = (curve == SigmaCurve.Karras || lu) && (roundsCosine || values.WordOrNull("beta_schedule") != "squaredcos_cap_v2");
        var spacing = MultistepSpacing.Of(values, places, lu ? SigmaCurve.Exponential : curve, nearest, end, lambda, ranged: !lu);
        var predicts = SchedulerOptions.Predicts(values);
        // A variance that the network answers beside ε is left out, by the number of the channels of pictures.
        return SchedulerSettings.Of(schedule, predicts, solver, spacing, limit) with { Channels = variance && predicts is EpsilonParameterization ? (PictureChannels, "variance_type") : null };
    }
}
