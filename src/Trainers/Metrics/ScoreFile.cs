namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Writes what validation measures beside the loss, by noise level: <c>score_by_level.csv</c>, made with the first score.</summary>
internal sealed class ScoreFile
{
    private const string Header = "step,score,noise_ratio,value,rows";

    private readonly CsvTable _table;

    /// <summary>Opens the file. Rows of a resumed run that come after its checkpoint are dropped.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="start">The number of steps done: 0 for a new run, whose rows replace older ones.</param>
    public ScoreFile(string folder, long start) => _table = new CsvTable(Path.Combine(folder, "score_by_level.csv"), Header, start);

    /// <summary>Writes the scores of a step.</summary>
    public void Write(long step, IReadOnlyList<ValidationScore> scores)
        => _table.Append(scores.SelectMany(score => score.Levels, (score, level) => FormattableString.Invariant($"{step},{score.Name},{level.Ratio:r},{level.Value:r},{level.Rows}")));
}
