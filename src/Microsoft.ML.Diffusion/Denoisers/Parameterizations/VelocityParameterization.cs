namespace Microsoft.ML.Diffusion;

/// <summary>
/// The network predicts the velocity u = α'·x0 + σ'·ε of a path from data to noise, as conditional flow matching trains it (Lipman et al. 2023, arXiv:2210.02747,
/// eq. 9; Tong et al. 2024, arXiv:2302.00482): ε − x0 for rectified flow. With x = α·x0 + σ·ε it follows that x̂0 = (σ'·x − σ·û)/(ασ' − α'σ). The network sees the state
/// on the scale of the path. Defined at every level but clean data, pure noise included.
/// </summary>
/// <param name="schedule">The path: <see cref="RectifiedFlowSchedule"/> unless given.</param>
public sealed class VelocityParameterization(NoiseSchedule? schedule = null) : Parameterization
{
    /// <summary>The path whose velocity it is, from data to noise.</summary>
    public NoiseSchedule Schedule { get; } = schedule ?? new RectifiedFlowSchedule();

    /// <inheritdoc/>
    public override Preconditioning At(NoiseLevel level)
    {
        double t = Schedule.TimeOf(level.LogSnr);
        var at = Schedule.At(t);
        var slope = Schedule.DerivativeAt(t);
        // Levels of another scale than the path's: the denoiser is asked about the state on the path.
        double scale = (level.Alpha + level.Sigma) / (at.Alpha + at.Sigma);
        double alpha = level.Alpha / scale, sigma = level.Sigma / scale;
        double determinant = alpha * slope.Sigma - slope.Alpha * sigma;
        return new Preconditioning(slope.Sigma / determinant / scale, -sigma / determinant, 1 / scale);
    }
}
