namespace Microsoft.ML.Diffusion;

/// <summary>The spacing of DPM-Solver, UniPC and DEIS: the run is divided into one part more than it has steps, curves of σ span the table, and networks are told whole timesteps.</summary>
internal static class MultistepSpacing
{
    /// <summary>The spacing.</summary>
    /// <param name="values">The options.</param>
    /// <param name="places">timestep_spacing and steps_offset.</param>
    /// <param name="curve">The curve of σ.</param>
    /// <param name="nearest">Whether timesteps of σ are rounded to the nearest; else down.</param>
    /// <param name="end">Where the run ends.</param>
    /// <param name="lambda">lambda_min_clipped.</param>
    /// <param name="ranged">Whether sigma_min and sigma_max act on the curve.</param>
    public static SchedulerSpacing Of(
        SchedulerValues values, SchedulerSpacing places, SigmaCurve curve, bool nearest, RunEnd end, double? lambda = null, bool ranged = true)
    {
        if (places.Places == TimestepPlaces.Trailing && lambda is not null)
            throw values.Refuse("lambda_min_clipped", "is not supported with timestep_spacing trailing, which then has fewer timesteps than steps");
        return new SchedulerSpacing
        {
            Places = places.Places,
            Offset = places.Offset,
            OpenEnded = true,
            Curve = curve,
            WholeTable = true,
            SigmaMin = ranged && curve != SigmaCurve.None ? values.Hidden("sigma_min") : null,
            SigmaMax = ranged && curve != SigmaCurve.None ? values.Hidden("sigma_max") : null,
            Rounding = curve == SigmaCurve.None ? TimestepRounding.None : nearest ? TimestepRounding.Nearest : TimestepRounding.Down,
            LambdaMin = lambda,
            End = end,
        };
    }
}
