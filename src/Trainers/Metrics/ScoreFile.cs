namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Writes what validation measures beside the loss, by noise level: <c>score_by_level.csv</c>, made with the first score.</summary>
internal sealed class ScoreFile
{
    private const string Header = "step,score,noise_ratio,value,rows";

    private readonly string _path;

    /// <summary>Opens the file. Rows of a resumed run that come after its checkpoint are dropped.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="start">The number of steps done: 0 for a new run, whose rows replace older ones.</param>
    public ScoreFile(string folder, long start)
    {
        _path = Path.Combine(folder, "score_by_level.csv");
        string[] kept = CsvRows.Kept(_path, Header, start);
        if (kept.Length == 0)
            File.Delete(_path);
        else
            AtomicFile.Write(_path, CsvRows.Text(Header, kept));
    }

    /// <summary>Writes the scores of a step.</summary>
    public void Write(long step, IReadOnlyList<ValidationScore> scores)
    {
        if (!File.Exists(_path))
            AtomicFile.Write(_path, CsvRows.Text(Header, []));
        File.AppendAllText(_path, string.Concat(scores.SelectMany(score => score.Levels, (score, level)
            => FormattableString.Invariant($"{step},{score.Name},{level.Ratio:r},{level.Value:r},{level.Rows}\n"))));
    }
}
