using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Another guidance, at some noise levels alone (Kynkäänniemi et al. 2024, arXiv:2404.07724): samples keep their variety where guidance at high noise would take it. Elsewhere the
/// denoiser is asked as it is, at no further cost.
/// </summary>
/// <param name="guidance">The guidance.</param>
/// <param name="interval">The levels at which it guides.</param>
public sealed class IntervalGuidance(IGuidance guidance, LevelInterval interval) : IGuidance
{
    /// <summary>The guidance.</summary>
    public IGuidance Guidance { get; } = guidance ?? throw new ArgumentNullException(nameof(guidance));

    /// <summary>The levels at which it guides.</summary>
    public LevelInterval Interval { get; } = interval ?? throw new ArgumentNullException(nameof(interval));

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => Guidance.Networks;

    IEnumerable<TorchScriptFunction> IGuidance.Scripts => Guidance.Scripts;

    /// <inheritdoc/>
    [JsonIgnore]
    public int Recurrence => Guidance.Recurrence;

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions) => Guidance.InputsFor(shape, conditions);

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<string>> LeftOut(IReadOnlyList<string> conditions) => Guidance.LeftOut(conditions);

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0) => new IntervalDenoiser(denoiser, Guidance.Guide(denoiser, firstSlot), Interval);
}
