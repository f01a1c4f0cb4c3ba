using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Gathers what validation measures, over batches.</summary>
internal sealed class ValidationResult
{
    private readonly LevelMeans _losses = new();
    private readonly Dictionary<string, LevelMeans> _scores = [];

    /// <summary>The mean loss.</summary>
    public double Mean => _losses.Mean;

    /// <summary>The loss by noise level.</summary>
    public IReadOnlyList<LevelLoss> Levels => [.. _losses.Means.Select(mean => new LevelLoss(mean.Ratio, mean.Mean, mean.Rows))];

    /// <summary>The scores; none where the learner has none.</summary>
    public IReadOnlyList<ValidationScore> Scores
        => [.. _scores.Select(score => new ValidationScore(score.Key, score.Value.Mean, [.. score.Value.Means.Select(mean => new LevelScore(mean.Ratio, mean.Mean, mean.Rows))]))];

    /// <summary>Adds a batch.</summary>
    /// <param name="measures">What was measured.</param>
    /// <param name="uniforms">The number in (0, 1) of each row, from which its level was drawn.</param>
    /// <param name="levels">The level of each row.</param>
    public void Add(RowMeasures measures, double[] uniforms, NoiseLevels levels)
    {
        _losses.Add(measures.Losses, uniforms, levels);
        foreach (var (name, values) in measures.Scores)
        {
            if (!_scores.TryGetValue(name, out var means))
                _scores.Add(name, means = new LevelMeans());
            means.Add(values, uniforms, levels);
        }
    }
}
