using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class CheckpointTests
{
    private const int Steps = 40;

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("checkpoints-");

    public CheckpointTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            _warnings.Add(e.Message);
    };

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Fit_CancelledAndResumed_GivesTheModelOfOneGo()
    {
        float[] expected = Weights(Points.Options(Steps));
        foreach (int stop in new[] { 3, 17, 18, 39 })
            Interrupt(stop);
        Assert.AreSequenceEqual(expected, Weights(Options()));
        // The checkpoint of the end: nothing is left to do, and the model is the same.
        Assert.AreSequenceEqual(expected, Weights(Options(progress: new Recorder(_ => Assert.Fail("A step was made.")))));
        Assert.AreSequenceEqual(expected, Weights(Changed(Options(), options => options.OnProgress = _ => Assert.Fail("A step was made."))));
    }

    [TestMethod]
    [DynamicData(nameof(Optimizers))]
    public void Fit_OtherOptimizersAndAveragesResumed_GivesTheModelOfOneGo(WeightOptimizer optimizer, WeightAverage? average)
    {
        void Change(DenoiserTrainer.Options options) => (options.Optimizer, options.Average, options.LearningRate) = (optimizer, average, 0.01);
        float[] expected = Weights(Changed(Points.Options(Steps), Change));
        foreach (int stop in new[] { 7, 26 })
            Interrupt(stop, Change);
        Assert.AreSequenceEqual(expected, Weights(Changed(Options(), Change)));
    }

    internal static IEnumerable<(WeightOptimizer, WeightAverage?)> Optimizers =>
    [
        (new SgdOptimizer(0.9), null), (new SgdOptimizer(0), null), (new SgldOptimizer(), new ThinnedAverage(burnIn: 10, every: 4)), (new SgldOptimizer(0), null),
        (new AdamWOptimizer(), new ExponentialAverage(0.99, power: 0.75)), (new AdamWOptimizer(), new ThinnedAverage(burnIn: 10, every: 4)),
    ];

    [TestMethod]
    public void Fit_ImportanceResumed_GivesTheModelOfOneGo()
    {
        // Full after 8 steps, so that what was learned decides from then on.
        LevelDistribution levels = new ImportanceLevels(32, history: 4);
        void Importance(DenoiserTrainer.Options options) => options.Levels = levels;
        float[] expected = Weights(Changed(Points.Options(Steps), Importance));
        Assert.AreNotSequenceEqual(Weights(Points.Options(Steps)), expected);
        foreach (int stop in new[] { 3, 21 })
            Interrupt(stop, Importance);
        Assert.AreSequenceEqual(expected, Weights(Changed(Options(), Importance)));
        levels = new ImportanceLevels(32, history: 5);
        Assert.Contains("Levels is", Assert.ThrowsExactly<InvalidOperationException>(() => Weights(Changed(Options(), Importance))).Message);
    }

    [TestMethod]
    public void Fit_ConsistencyWithAverageTargetResumed_GivesTheModelOfOneGo()
    {
        static void Consistency(DenoiserTrainer.Options options) => options.Objective = new ConsistencyTrainingObjective { Course = new DoublingCourse(2, 8), TargetDecay = 0.9 };
        float[] expected = Weights(Changed(Points.Options(Steps), Consistency));
        Assert.AreNotSequenceEqual(Weights(Changed(Points.Options(Steps), options => options.Objective = new ConsistencyTrainingObjective { Course = new DoublingCourse(2, 8) })), expected);
        foreach (int stop in new[] { 3, 21 })
            Interrupt(stop, Consistency);
        Assert.AreSequenceEqual(expected, Weights(Changed(Options(), Consistency)));
    }

    [TestMethod]
    public void Fit_SelfConditioningAndPairingResumed_GivesTheModelOfOneGo()
    {
        static void Change(DenoiserTrainer.Options options)
        {
            options.Network = new ResidualMlp { Width = 32, Blocks = 1, WithSelfConditioning = true };
            options.Pairing = KnownPairings.OptimalTransport;
        }

        float[] expected = Weights(Changed(Points.Options(Steps), Change));
        Interrupt(17, Change);
        Assert.AreSequenceEqual(expected, Weights(Changed(Options(), Change)));
    }

    [TestMethod]
    public void Fit_InPartsResumed_GoesOnInAsManyPartsUnlessToldOtherwise()
    {
        static void InThree(DenoiserTrainer.Options options) => options.BatchParts = 3;
        float[] expected = Weights(Changed(Points.Options(Steps), InThree));
        Interrupt(17, InThree);
        Assert.Contains("BatchParts is 2 here and 3 there", Assert.ThrowsExactly<InvalidOperationException>(() => Weights(Changed(Options(), options => options.BatchParts = 2))).Message);
        // Left open: as the checkpoint has it, and not as this machine would.
        Interrupt(29);
        Assert.AreSequenceEqual(expected, Weights(Options()));
    }

    [TestMethod]
    public void Fit_PrecisionAutoResumed_KeepsTheOneThatWasChosen()
    {
        using var emulation = new EmulatedBFloat16();
        var chosen = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Message.Contains("Precision is ", StringComparison.Ordinal))
                chosen.Add(e.Message);
        };
        static void Auto(DenoiserTrainer.Options options) => options.Precision = Precision.Auto;
        Interrupt(17, Auto);
        // A run of 40 steps has no room for a trial.
        Assert.Contains("Precision is Float32: the run is too short", Assert.ContainsSingle(chosen));
        Interrupt(29, Auto);
        Assert.AreSequenceEqual(Weights(Points.Options(Steps)), Weights(Changed(Options(), Auto)));
        Assert.HasCount(1, chosen, "what was decided is not decided anew");
        Assert.Contains("Precision is BFloat16 here and Float32 there", Assert.ThrowsExactly<InvalidOperationException>(() => Weights(Changed(Options(), options => options.Precision = Precision.BFloat16))).Message);
    }

    [TestMethod]
    public void Fit_EveryAndKeep_LeavesTheNewestAndTheEnd()
    {
        Weights(Options(resume: false));
        Assert.AreSequenceEqual(new[] { "step-000000030.safetensors", "step-000000040.safetensors" }, Files().Select(Path.GetFileName));
    }

    [TestMethod]
    public void Fit_Resumed_ReportsTheWholeRun()
    {
        Interrupt(20);
        var recorder = new Recorder();
        Weights(Options(progress: recorder));
        Assert.AreEqual(21, recorder.Reports[0].Step);
        Assert.AreEqual(Steps, recorder.Reports[^1].Step);
        var whole = new Recorder();
        var options = Points.Options(Steps);
        options.Progress = whole;
        Weights(options);
        Assert.AreEqual(whole.Reports[^1].SmoothedLoss, recorder.Reports[^1].SmoothedLoss, "the average goes on");
    }

    [TestMethod]
    [DataRow(0.9, DisplayName = "weights")]
    [DataRow(0.002, DisplayName = "header")]
    [DataRow(-1, DisplayName = "cut short")]
    public void Fit_NewestDamaged_TakesTheOneBeforeAndWarns(double place)
    {
        float[] expected = Weights(Points.Options(Steps));
        Interrupt(25);
        string newest = Files()[^1];
        byte[] bytes = File.ReadAllBytes(newest);
        if (place < 0)
            bytes = bytes[..^1000];
        else
            bytes[(int)(place * bytes.Length)] ^= 4;
        File.WriteAllBytes(newest, bytes);
        Assert.AreSequenceEqual(expected, Weights(Options()));
        Assert.Contains(warning => warning.Contains("step-000000025", StringComparison.Ordinal) && warning.Contains("damaged", StringComparison.Ordinal), _warnings);
    }

    [TestMethod]
    public void Fit_AllDamaged_IsRefused()
    {
        Interrupt(25);
        foreach (string file in Files())
            File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Contains("All 2 checkpoints", Assert.ThrowsExactly<InvalidOperationException>(() => Weights(Options())).Message);
    }

    [TestMethod]
    public void Fit_OtherOptionsOrData_NamesTheDifference()
    {
        Interrupt(5);
        var options = Options();
        options.LearningRate = 0.5;
        options.BatchSize = 32;
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => Weights(options)).Message;
        Assert.Contains("LearningRate is 0.5 here and 0.002 there", message);
        Assert.Contains("BatchSize is 32 here and 64 there", message);
        Assert.DoesNotContain("Decay", message);
        Assert.Contains("training data is 999 rows", Assert.ThrowsExactly<InvalidOperationException>(() => Weights(Options(), rows: 999)).Message);
    }

    [TestMethod]
    public void Of_ConditionDropouts_CountInTheirOwnOrder()
    {
        using var rows = new SampleBuffer(2, 0);
        var task = new DenoisingTask(new ResidualMlp(), new EdmParameterization(), new DataShape(2), ConditionLayout.Empty, new GaussianProcess(KnownSchedules.Edm), TorchSharp.torch.CPU, Precision.Float32, 1, KnownLevelInputs.LogRatio);
        SortedDictionary<string, string> Of(params (string, double)[]? dropouts)
            => RunIdentity.Of(task, new DenoiserTrainer.Options { ConditionDropouts = dropouts?.ToDictionary(one => one.Item1, one => one.Item2) }, rows, null, 1);
        Assert.IsEmpty(RunIdentity.Differences(Of(("a", 0.1), ("b", 0.2)), Of(("b", 0.2), ("a", 0.1))));
        Assert.AreSequenceEqual(new[] { "ConditionDropouts is {\"a\":0.1} here and not set there" }, RunIdentity.Differences(Of(("a", 0.1)), Of(null)));
    }

    [TestMethod]
    public void Fit_WithoutResume_LeavesOtherRunsAlone()
    {
        Interrupt(5);
        Assert.Contains("Resume", Assert.ThrowsExactly<InvalidOperationException>(() => Weights(Options(resume: false))).Message);
    }

    [TestMethod]
    public void Fit_FolderThatCanNotBe_IsRefusedBeforeTraining()
    {
        string file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        var options = Points.Options(1);
        options.Checkpoint = new(Path.Combine(file, "folder"));
        options.Progress = new Recorder(_ => Assert.Fail("A step was made."));
        Assert.Contains(file, Assert.ThrowsExactly<IOException>(() => Weights(options)).Message);
    }

    [TestMethod]
    public void Fit_WritingFailsOnTheWay_WarnsAndGoesOn()
    {
        float[] expected = Weights(Points.Options(Steps));
        Interrupt(15);
        string[] before = Files();
        // A folder stands where the next checkpoint belongs: renaming fails, as on a full disk.
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "step-000000020.safetensors", "full"));
        var recorder = new Recorder(report =>
        {
            if (report.Step == 25)
                Assert.AreSequenceEqual(before, Files());
        });
        Assert.AreSequenceEqual(expected, Weights(Options(progress: recorder)));
        Assert.AreSequenceEqual(new[] { "step-000000030.safetensors", "step-000000040.safetensors" }, Files().Select(Path.GetFileName));
        Assert.Contains(warning => warning.Contains("checkpoint of step 20 could not be written", StringComparison.Ordinal), _warnings);
        Assert.IsEmpty(HalfWritten());
    }

    [TestMethod]
    public void Fit_WritingFailsAtTheEnd_ThrowsWithTheModelAndLeavesNoTensors()
    {
        float[] expected = Weights(Points.Options(Steps));
        Interrupt(15);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "step-000000040.safetensors", "full"));
        long tensors = TensorLeak.Count();
        var exception = Assert.ThrowsExactly<TrainingNotSavedException>(() => Weights(Options()));
        Assert.Contains("step-000000040", exception.Message);
        using (var model = (Transforms.DenoiserTransformer)exception.Model)
            Assert.AreSequenceEqual(expected, TrainedWeights.Of(model));
        Assert.AreEqual(tensors, TorchSharp.torch.Tensor.TotalCount);
        Assert.AreSequenceEqual(new[] { "step-000000020.safetensors", "step-000000030.safetensors" }, Files().Select(Path.GetFileName));
        Assert.IsEmpty(HalfWritten());
    }

    [TestMethod]
    public void Fit_FolderOfARunAtWork_IsRefusedAndHarmsNothing()
    {
        float[] expected = Weights(Points.Options(Steps));
        string? message = null;
        var recorder = new Recorder(report =>
        {
            if (report.Step == 15)
                message = Assert.ThrowsExactly<InvalidOperationException>(() => Weights(Options())).Message;
        });
        Assert.AreSequenceEqual(expected, Weights(Options(progress: recorder)));
        Assert.Contains(FormattableString.Invariant($"process {Environment.ProcessId} ("), message!);
        // Free again.
        Assert.AreSequenceEqual(expected, Weights(Options()));
    }

    [TestMethod]
    public void Fit_NewestCanNotBeRead_TakesTheOneBeforeAndWarns()
    {
        // A file that even root can not open for reading.
        const string WriteOnly = "/sys/bus/platform/drivers_probe";
        bool isRoot = Environment.UserName == "root";
        if (OperatingSystem.IsWindows() || (isRoot && !File.Exists(WriteOnly)))
            Assert.Inconclusive($"There is no file here that this user can not read (Unix without root, or {WriteOnly}).");
        float[] expected = Weights(Points.Options(Steps));
        Interrupt(25);
        string newest = Files()[^1];
        if (isRoot)
        {
            File.Delete(newest);
            File.CreateSymbolicLink(newest, WriteOnly);
        }
        else if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(newest, UnixFileMode.None);
        }
        Assert.ThrowsExactly<UnauthorizedAccessException>(() => File.OpenRead(newest).Dispose());
        Assert.AreSequenceEqual(expected, Weights(Options()));
        Assert.Contains(warning => warning.Contains("step-000000025", StringComparison.Ordinal) && warning.Contains("can not be read", StringComparison.Ordinal), _warnings);
    }

    [TestMethod]
    public void Check_AnyByteChangedAndAnyCut_IsTheOneException()
    {
        Interrupt(25);
        string path = Files()[^1];
        byte[] file = File.ReadAllBytes(path);
        using var scope = TorchSharp.torch.NewDisposeScope();
        (string, TorchSharp.torch.Tensor)[] state;
        using (var whole = SafetensorsFile.Open(path))
            state = [.. whole.Entries.Select(entry => (entry.Name, whole.Read(entry.Name)))];
        for (int at = 0; at < file.Length; at += at < 4000 ? 17 : file.Length / 50)
        {
            byte[] changed = [.. file];
            changed[at] ^= 0x15;
            File.WriteAllBytes(path, changed);
            Assert.ThrowsExactly<InvalidDataException>(Read, $"byte {at}");
            File.WriteAllBytes(path, file[..at]);
            Assert.ThrowsExactly<InvalidDataException>(Read, $"{at} bytes");
        }
        File.WriteAllBytes(path, file);
        Read();
        Assert.AreEqual(25, CheckpointFile.Check(path).Position.Step);

        // The sum is over the numbers and the metadata; names of tensors are compared with those of the run.
        void Read()
        {
            CheckpointFile.Check(path);
            CheckpointFile.Restore(path, state);
        }
    }

    [TestMethod]
    public void Options_IllegalValues_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new TrainingCheckpoint(" "));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TrainingCheckpoint("x") { Every = 0 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TrainingCheckpoint("x") { Keep = 0 });
    }

    private string[] HalfWritten() => [.. Directory.GetFiles(_folder.FullName, ".*").Where(path => Path.GetFileName(path) != ".lock")];

    private string[] Files() => [.. Directory.GetFiles(_folder.FullName, "step-*").Order()];

    private static DenoiserTrainer.Options Changed(DenoiserTrainer.Options options, Action<DenoiserTrainer.Options>? change)
    {
        change?.Invoke(options);
        return options;
    }

    private void Interrupt(int step, Action<DenoiserTrainer.Options>? change = null)
    {
        using var source = new CancellationTokenSource();
        var options = Options(progress: new Recorder(report =>
        {
            if (report.Step == step)
                source.Cancel();
        }));
        options.CancellationToken = source.Token;
        Weights(Changed(options, change));
    }

    private DenoiserTrainer.Options Options(bool resume = true, Recorder? progress = null)
    {
        var options = Points.Options(Steps);
        options.Checkpoint = new(_folder.FullName) { Every = 10, Keep = 2, Resume = resume };
        options.Progress = progress;
        return options;
    }

    private float[] Weights(DenoiserTrainer.Options options, int rows = 1000)
    {
        var data = Points.Load(_ml, rows);
        using var model = _ml.Diffusion().Trainers.Denoiser("Point", options: options).Fit(_ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(data).Transform(data));
        return TrainedWeights.Of(model);
    }
}
