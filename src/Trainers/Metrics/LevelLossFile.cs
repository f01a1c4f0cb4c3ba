using System.Globalization;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Writes losses by noise level: <c>loss_by_level.csv</c>, and all of a run as a plot, <c>loss_by_level.png</c>.</summary>
internal sealed class LevelLossFile
{
    private const string Header = "step,noise_ratio,loss,rows";

    // More lines than this hide each other: the plot shows the first, the last, and as many between.
    private const int LinesOfPlot = 6;

    private readonly CsvTable _table;
    private readonly string _plot;
    private readonly List<(long Step, IReadOnlyList<LevelLoss> Losses)> _lines;

    /// <summary>Opens the files. Rows of a resumed run that come after its checkpoint are dropped.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="start">The number of steps done: 0 for a new run, whose rows replace older ones.</param>
    public LevelLossFile(string folder, long start)
    {
        _table = new CsvTable(Path.Combine(folder, "loss_by_level.csv"), Header, start);
        _plot = Path.Combine(folder, "loss_by_level.png");
        _lines = [.. _table.Kept.Select(Parse).Where(row => row is not null)
            .GroupBy(row => row!.Value.Step, row => row!.Value.Loss).Select(step => (step.Key, (IReadOnlyList<LevelLoss>)[.. step]))];
    }

    /// <summary>Writes the losses of a step.</summary>
    public void Write(long step, IReadOnlyList<LevelLoss> losses)
    {
        _lines.Add((step, losses));
        _table.Append(losses.Select(loss => FormattableString.Invariant($"{step},{loss.Ratio:r},{loss.Loss:r},{loss.Rows}")));
        if (!PictureFile.CanDraw || !losses.Any(loss => loss.Loss > 0 && double.IsFinite(loss.Loss)))
            return;
        var shown = _lines.Count <= LinesOfPlot ? _lines : [.. Enumerable.Range(0, LinesOfPlot).Select(i => _lines[i * (_lines.Count - 1) / (LinesOfPlot - 1)])];
        new LevelLossPlot([.. shown.Select(line => (FormattableString.Invariant($"step {line.Step:n0}"), line.Losses))], new PlotOptions()).Save(_plot);
    }

    private static (long Step, LevelLoss Loss)? Parse(string row)
    {
        string[] cells = row.Split(',');
        return cells.Length == 4 && long.TryParse(cells[0], out long step) && Number(cells[1], out double ratio) && Number(cells[2], out double loss) && int.TryParse(cells[3], out int rows)
            ? (step, new LevelLoss(ratio, loss, rows))
            : null;
    }

    private static bool Number(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
