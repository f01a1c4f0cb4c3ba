using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// L_simple + λ·L_vlb (Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 16): the weighted squared error teaches the mean of reverse steps, and the variational bound, of which no gradient reaches
/// the mean, their variance. For networks that learn the variance, on discrete schedules; sample with <see cref="ReverseVariance.Learned"/>.
/// </summary>
/// <param name="boundWeight">λ; positive, finite. 0.001 unless given. A row counts λ·T times the term of its step, T the number of steps of the schedule.</param>
/// <param name="binWidth">The distance between neighbouring values of the data in model space, 0 for continuous data; <see cref="VariationalBound.BinWidth"/> unless given.</param>
public sealed class HybridObjective(double boundWeight = 0.001, double? binWidth = null) : Objective
{
    /// <summary>λ.</summary>
    public double BoundWeight { get; } = boundWeight > 0 && double.IsFinite(boundWeight)
        ? boundWeight
        : throw new ArgumentOutOfRangeException(nameof(boundWeight), boundWeight, "The weight of the bound must be positive and finite.");

    /// <summary>The distance between neighbouring values of the data in model space, 0 for continuous data; null for what suits the data.</summary>
    public double? BinWidth { get; } = VariationalBound.CheckBinWidth(binWidth);

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool TrainsVariance => true;

    /// <inheritdoc/>
    public override void Check(Parameterization parameterization, NoiseSchedule schedule) => VariationalBound.DiscreteOf(schedule, nameof(HybridObjective));

    /// <inheritdoc/>
    public override Tensor LossOfRows(ObjectiveBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var schedule = VariationalBound.DiscreteOf(batch.Process.Schedule, nameof(HybridObjective));
        using var x = batch.Corrupt(batch.Levels);
        using var answer = batch.Network(x, batch.Levels);
        long channels = x.size(1);
        using var mean = answer.narrow(1, 0, channels);
        using var place = answer.narrow(1, channels, channels);
        using var squares = new DenoisingObjective(batch.Parameterization, batch.Weight).LossOfRows(mean, x, batch.X0, batch.Levels);
        using var still = mean.detach();
        using var estimate = batch.Parameterization.Denoise(x, still, batch.Levels);
        using var terms = new VariationalBound(schedule, ReverseVariance.Learned, BinWidth).TermsOfRows(estimate, place, batch.X0, batch.Levels);
        using var bound = terms.Times(BoundWeight * schedule.Steps);
        return squares.Plus(bound);
    }
}
