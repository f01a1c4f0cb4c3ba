using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How far a training run is, and how it does.</summary>
public sealed record TrainingProgress
{
    /// <summary>The number of steps done.</summary>
    public required long Step { get; init; }

    /// <summary>The number of steps of the whole run; null where only time limits it.</summary>
    public long? TotalSteps { get; init; }

    /// <summary>How much of the run is done, from 0 to 1: of the steps or of the time, whichever is further.</summary>
    public required double Fraction { get; init; }

    /// <summary>The loss of this step's batch, before the update.</summary>
    public required double Loss { get; init; }

    /// <summary>The loss averaged over roughly the last hundred steps.</summary>
    public required double SmoothedLoss { get; init; }

    /// <summary>The loss on the validation data with the averaged weights; null unless it was measured at this step.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>
    /// That loss by noise level, in twentieths of the levels that training draws, from little noise to much; null unless it was measured at this step.
    /// <c>d.Images.SaveLevelLossPlot</c> draws it.
    /// </summary>
    public IReadOnlyList<LevelLoss>? ValidationLevels { get; init; }

    /// <summary>
    /// What validation measures beside the loss, with the averaged weights: the accuracy of a classifier, the retrieval of encoders. Null unless it was measured at this step, and for denoisers.
    /// </summary>
    public IReadOnlyList<ValidationScore>? ValidationScores { get; init; }

    /// <summary>The learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The norm of the gradient, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The number of training samples per second, over the whole run.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>The time since training began; reading the data is not counted.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time left, judged by the pace so far.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"step {Step}{(TotalSteps is { } total ? $" of {total}" : "")} ({Fraction:p0}), loss {SmoothedLoss:g4}{(ValidationLoss is { } validation ? $", validation loss {validation:g4}" : "")}{(ValidationScores is { } scores ? $", {string.Join(", ", scores)}" : "")}, learning rate {LearningRate:g3}, {SamplesPerSecond:f0} samples/s{(Remaining is { } left ? $", {left:hh\\:mm\\:ss} left" : "")}");
}
