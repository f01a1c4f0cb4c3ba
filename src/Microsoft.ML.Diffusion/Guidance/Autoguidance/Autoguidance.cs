using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Autoguidance (Karras et al. 2024, arXiv:2406.02507): a weaker version of the model, smaller or trained less on the same data, shows where errors lie, and the estimate goes away from it: x̂0 =
/// D_weak + scale·(D − D_weak). It needs no conditions and takes no variety; both are told the row's own conditions. A call costs one of each.
/// </summary>
/// <param name="weaker">The weaker denoiser; where it is a network, one of the model's conditions or none. Its weights are saved with the pipeline.</param>
/// <param name="scale">1: the model as it is; larger: away from the weaker one. Finite; rows may give their own.</param>
public sealed class Autoguidance(IDenoiser weaker, double scale = 2) : IGuidance
{
    /// <summary>The name of the input with each row's own scale.</summary>
    public const string ScaleInput = "Scale";

    /// <summary>The weaker denoiser.</summary>
    public IDenoiser Weaker { get; } = weaker ?? throw new ArgumentNullException(nameof(weaker));

    /// <summary>1: the model as it is; larger: away from the weaker one.</summary>
    public double Scale { get; } = GuidanceScale.Check(scale);

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => Weaker.Networks;

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(conditions);
        foreach (var network in Networks)
        {
            if (!network.Shape.Equals(shape))
                throw new ArgumentException($"The weaker model makes samples {network.Shape}, but the model makes samples {shape}.", nameof(shape));
            foreach (var slot in network.Conditions.Slots.Where(slot => slot.ComesFromData))
                _ = WeakCondition.Of(slot, conditions.Slots);
        }
        return [new GuidanceInput(ScaleInput, 1)];
    }

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        return new AutoguidedDenoiser(denoiser, this, firstSlot);
    }
}
