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
        File.AppendAllText(Path.Combine(_folder.FullName, "metrics.csv"), "30,0,0,0,,0,0,0,0\n15,0.5,0.1");
        Train(40, 10, null, new(checkpoints) { Resume = true });
        Assert.AreSequenceEqual(new[] { "step", "1", "10", "20", "21", "30", "40" }, Rows().Select(row => row[0]));
        Assert.AreNotEqual("0", Rows()[5][2]);
    }

    [TestMethod]
    public void Fit_Validation_WritesTheLossByNoiseLevel()
    {
        var recorder = new Recorder();
        var options = Points.Options(60);
        (options.MetricsFolder, options.ValidationInterval, options.Progress, options.ValidationRows) = (_folder.FullName, 20, recorder, 512);
        var data = Points.Load(_ml);
        var noised = _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data);
        _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(noised, noised).Dispose();
        var measured = recorder.Reports.Where(report => report.ValidationLevels is not null).ToArray();
        Assert.AreSequenceEqual(new long[] { 20, 40, 60 }, measured.Select(report => report.Step));
        foreach (var report in measured)
        {
            var levels = report.ValidationLevels!;
            Assert.HasCount(20, levels);
            Assert.AreEqual(512, levels.Sum(level => level.Rows));
            Assert.AreSequenceEqual(levels.Select(level => level.Ratio), levels.Select(level => level.Ratio).Order());
            Assert.AreEqual(report.ValidationLoss!.Value, levels.Sum(level => level.Loss * level.Rows) / 512, 1e-9, "a mean of doubles in two orders");
        }
        string[] rows = File.ReadAllLines(Path.Combine(_folder.FullName, "loss_by_level.csv"));
        Assert.HasCount(1 + 3 * 20, rows);
        Assert.AreSequenceEqual(measured[2].ValidationLevels!.Select(level => FormattableString.Invariant($"60,{level.Ratio:r},{level.Loss:r},{level.Rows}")), rows[^20..]);
        Assert.IsTrue(File.Exists(Path.Combine(_folder.FullName, "loss_by_level.png")));
    }

    [TestMethod]
    public void Fit_FolderGoneForAWhile_WarnsOnceAndWritesWhatWaited()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        string folder = Path.Combine(_folder.FullName, "metrics");
        var options = Points.Options(30);
        options.MetricsFolder = folder;
        options.Progress = new Recorder(report =>
        {
            if (report.Step == 10)
                Directory.Delete(folder, recursive: true);
            if (report.Step == 20)
                Directory.CreateDirectory(folder);
        });
        Fit(options);
        // Rows 11 to 20 waited; those before went with the folder.
        Assert.AreSequenceEqual(Enumerable.Range(11, 20).Select(step => $"{step}"), File.ReadAllLines(Path.Combine(folder, "metrics.csv")).Skip(1).Select(row => row.Split(',')[0]));
        Assert.ContainsSingle(warnings.Where(warning => warning.Contains("table of the metrics", StringComparison.Ordinal)));
        Assert.IsNotEmpty(Directory.GetFiles(folder, "*tfevents*"));
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

    [TestMethod]
    public void Fit_FolderOfARunAtWork_IsRefusedAndHarmsNothing()
    {
        string? message = null;
        Train(20, 10, new Recorder(report =>
        {
            if (report.Step == 10)
                message = Assert.ThrowsExactly<InvalidOperationException>(() => Train(5, 1, null)).Message;
        }));
        Assert.Contains(FormattableString.Invariant($"process {Environment.ProcessId} ("), message!);
        Assert.AreSequenceEqual(new[] { "step", "1", "10", "20" }, Rows().Select(row => row[0]));
        // Free again; and a folder of checkpoints may be that of the metrics.
        Train(20, 10, null, new(_folder.FullName));
        Assert.HasCount(4, Rows());
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
