using System.Globalization;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class MetricsFolderTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("metrics-");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Fit_MetricsFolder_HoldsARowAReportAndEvents()
    {
        var recorder = new Recorder();
        Train(30, 10, recorder);
        string[][] rows = Rows();
        Assert.AreSequenceEqual(recorder.Reports.Select(report => report.Step), rows.Skip(1).Select(row => long.Parse(row[0], CultureInfo.InvariantCulture)));
        int loss = Array.IndexOf(rows[0], "loss"), validation = Array.IndexOf(rows[0], "validation_loss");
        Assert.AreSequenceEqual(recorder.Reports.Select(report => report.Loss), rows.Skip(1).Select(row => double.Parse(row[loss], CultureInfo.InvariantCulture)));
        Assert.AreEqual("", rows[1][validation]);
        // An event file of TensorBoard is a sequence of records: length, its sum, bytes, their sum. Its first says the version; each report has six numbers.
        byte[] events = File.ReadAllBytes(Assert.ContainsSingle(_folder.GetFiles("*tfevents*")).FullName);
        int count = 0;
        for (int at = 0; at < events.Length; count++)
            at += 16 + BitConverter.ToInt32(events, at);
        Assert.AreEqual(1 + 5 * recorder.Reports.Count, count, "no validation, so five of the six");
    }

    [TestMethod]
    public void Fit_Resumed_GoesOnWithTheRows()
    {
        string checkpoints = Path.Combine(_folder.FullName, "checkpoints");
        using (var source = new CancellationTokenSource())
            Train(40, 10, new Recorder(report =>
            {
                if (report.Step == 20)
                    source.Cancel();
            }), new(checkpoints) { Resume = true }, source.Token);
        // A row beyond the checkpoint, as a killed run leaves it.
        File.AppendAllText(Path.Combine(_folder.FullName, "metrics.csv"), "30,0,0,0,,0,0,0,0\nhalf a r");
        Train(40, 10, null, new(checkpoints) { Resume = true });
        Assert.AreSequenceEqual(new[] { "step", "1", "10", "20", "21", "30", "40" }, Rows().Select(row => row[0]));
        Assert.AreNotEqual("0", Rows()[5][2]);
    }

    [TestMethod]
    public void Fit_FolderThatCanNotBe_IsRefusedBeforeTraining()
    {
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        var options = Points.Options(1);
        options.MetricsFolder = Path.Combine(file, "folder");
        options.Progress = new Recorder(_ => Assert.Fail("A step was made."));
        Assert.Contains(file, Assert.ThrowsExactly<IOException>(() => Fit(options)).Message);
    }

    private string[][] Rows() => [.. File.ReadAllLines(Path.Combine(_folder.FullName, "metrics.csv")).Select(row => row.Split(','))];

    private void Train(int steps, int interval, Recorder? progress, TrainingCheckpoint? checkpoint = null, CancellationToken cancellation = default)
    {
        var options = Points.Options(steps);
        (options.MetricsFolder, options.ProgressInterval, options.Progress, options.Checkpoint, options.CancellationToken) = (_folder.FullName, interval, progress, checkpoint, cancellation);
        Fit(options);
    }

    private void Fit(DenoiserTrainer.Options options)
    {
        var data = Points.Load(_ml);
        _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(_ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data)).Dispose();
    }
}
