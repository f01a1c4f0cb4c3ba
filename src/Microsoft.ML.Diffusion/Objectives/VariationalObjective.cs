using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The variational bound of the negative log-likelihood itself, in bits for each value (Ho et al. 2020, arXiv:2006.11239, eq. 5; L_vlb of Nichol and Dhariwal 2021, arXiv:2102.09672). Its terms
/// differ widely from step to step: draw levels by importance (section 3.3). On discrete schedules.
/// </summary>
/// <param name="variance">The variance of reverse steps; learned unless given.</param>
/// <param name="sumOfSteps">Whether a row counts T times the term of its step, T the number of steps of the schedule, so that the loss is the whole bound (but for the prior's constant); else once. Not unless given.</param>
/// <param name="binWidth">The distance between neighbouring values of the data in model space, 0 for continuous data; <see cref="VariationalBound.BinWidth"/> unless given.</param>
public sealed class VariationalObjective(ReverseVariance variance = ReverseVariance.Learned, bool sumOfSteps = false, double? binWidth = null) : Objective
{
    /// <summary>The variance of reverse steps.</summary>
    public ReverseVariance Variance { get; } = Enum.IsDefined(variance) ? variance : throw new ArgumentOutOfRangeException(nameof(variance), variance, "Expected Small, Large or Learned.");

    /// <summary>Whether a row counts as often as the schedule has steps.</summary>
    public bool SumOfSteps { get; } = sumOfSteps;

    /// <summary>The distance between neighbouring values of the data in model space, 0 for continuous data; null for what suits the data.</summary>
    public double? BinWidth { get; } = VariationalBound.CheckBinWidth(binWidth);

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool TrainsVariance => Variance == ReverseVariance.Learned;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool TakesLossWeight => false;

    /// <inheritdoc/>
    public override void Check(Parameterization parameterization, NoiseSchedule schedule) => VariationalBound.DiscreteOf(schedule, nameof(VariationalObjective));

    /// <inheritdoc/>
    public override Tensor LossOfRows(ObjectiveBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var schedule = VariationalBound.DiscreteOf(batch.Process.Schedule, nameof(VariationalObjective));
        using var x = batch.Corrupt(batch.Levels);
        using var answer = batch.Network(x, batch.Levels);
        long channels = x.size(1);
        using var mean = answer.narrow(1, 0, channels);
        using var place = TrainsVariance ? answer.narrow(1, channels, channels) : null;
        using var estimate = batch.Parameterization.Denoise(x, mean, batch.Levels);
        var terms = new VariationalBound(schedule, Variance, BinWidth).TermsOfRows(estimate, place, batch.X0, batch.Levels);
        if (!SumOfSteps)
            return terms;
        using (terms)
            return terms.Times(schedule.Steps);
    }
}
