using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// What all trainers can be told. How long to train (<see cref="Steps"/>, <see cref="Epochs"/>, <see cref="TimeBudget"/>) is what most
/// users set.
/// </summary>
public abstract class TrainerOptions
{
    internal const int DefaultSteps = 5000;

    private protected TrainerOptions()
    {
    }

    /// <summary>
    /// Which noise levels training draws, and how often. Unless set: as the schedule's family has them for denoisers, as sampling visits
    /// them (<see cref="KnownLevelDistributions.Sampling"/>) for
    /// what guides.
    /// </summary>
    public LevelDistribution Levels { get; set; } = KnownLevelDistributions.Schedule;

    /// <summary>
    /// What the network is told about the noise level, one of <see cref="KnownLevelInputs"/>; what suits the architecture unless given.
    /// </summary>
    public LevelInput? LevelInput { get; set; }

    /// <summary>
    /// The number of steps; at least 1. Of Steps, <see cref="Epochs"/> and <see cref="TimeBudget"/>, whichever ends first ends training;
    /// 5,000 steps where none is given.
    /// </summary>
    public int? Steps { get; set; }

    /// <summary>The number of passes over the data; positive, fractions are legal.</summary>
    public double? Epochs { get; set; }

    /// <summary>
    /// The time of the steps, without reading the data; positive. One step is always done. The learning rate follows the clock, so
    /// weights are
    /// no longer the same from run to run.
    /// </summary>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>
    /// The number of samples of a step; at least 1. Data comes in epochs, each in an order of its own, one after the other without a gap:
    /// a batch may hold the end of one epoch and the beginning of the next, or, above the number of rows, a row several times, with noise
    /// of its own
    /// each. 64 unless set.
    /// </summary>
    [Range(16, 256, 64, logBase: true)]
    public int BatchSize { get; set; } = 64;

    /// <summary>
    /// The number of batches whose gradients make one step; at least 1. A step of k batches is one of k·<see cref="BatchSize"/> samples
    /// in the memory of one batch. 1 unless set.
    /// </summary>
    public int GradientAccumulation { get; set; } = 1;

    /// <summary>
    /// The number of parts of a batch that are computed beside each other on a processor, each on one thread; in [1,
    /// <see cref="BatchSize"/>], 1 lets all of libtorch's threads share each operation. More than one
    /// is for losses whose rows do not depend on each other. A number gives the same weights to the last bit wherever it is; other
    /// numbers give other roundings. Default: null, which takes as many as libtorch has
    /// threads when Fit starts (<c>OMP_NUM_THREADS</c>, <c>torch.set_num_threads</c>) where that pays (a network in a TorchScript file
    /// does not tell), else 1; on a GPU 1; where a checkpoint is resumed, that of the checkpoint.
    /// </summary>
    public int? BatchParts { get; set; }

    /// <summary>How gradients move the weights; <see cref="AdamWOptimizer"/> unless given.</summary>
    public WeightOptimizer? Optimizer { get; set; }

    /// <summary>The peak of the learning rate; positive. 0.002 unless set, which suits AdamW.</summary>
    [Range(2e-4, 8e-3, 2e-3, logBase: true)]
    public double LearningRate { get; set; } = 2e-3;

    /// <summary>The fraction of the run, in [0, 1), over which the learning rate rises. 0.02 unless set.</summary>
    [Range(0.0, 0.1, 0.02)]
    public double WarmUp { get; set; } = 0.02;

    /// <summary>How the learning rate moves after the warm-up; down to 0 over <see cref="Decay"/> unless given.</summary>
    public LearningRateCourse? Course { get; set; }

    /// <summary>
    /// The fraction of the run, in [0, 1], at whose end the learning rate has fallen to 0, where no <see cref="Course"/> is given. 0.3
    /// unless set.
    /// </summary>
    [Range(0.0, 1.0, 0.3)]
    public double Decay { get; set; } = 0.3;

    /// <summary>How much of a parameter decays in a step, in units of the learning rate; not negative. 0 unless set.</summary>
    public double WeightDecay { get; set; }

    /// <summary>
    /// Whether only weights of matrices and convolutions decay, and not biases and gains, as is usual for transformers. All unless set.
    /// </summary>
    public bool DecayMatricesOnly { get; set; }

    /// <summary>
    /// The length σ_rel of the average of weights that the model keeps, as a fraction of the run, in [0, 0.288]; 0 keeps the last weights.
    /// (Karras et al. 2024, arXiv:2312.02696, section 3.1.) 0.05 unless set. Matters only where no <see cref="Average"/> is given.
    /// </summary>
    [Range(0.0, 0.15, 0.05)]
    public double EmaLength { get; set; } = 0.05;

    /// <summary>
    /// The average of weights that the model keeps; a <see cref="PowerFunctionAverage"/> of <see cref="EmaLength"/> unless given.
    /// </summary>
    public WeightAverage? Average { get; set; }

    /// <summary>
    /// Averages of weights that are stored as the run goes, of which that of any length can be made afterwards. None unless set.
    /// </summary>
    public AverageSnapshots? AverageSnapshots { get; set; }

    /// <summary>The largest norm of the gradient; a longer one is shortened to it. Positive; infinity never clips. 1 unless set.</summary>
    public double GradientClipping { get; set; } = 1;

    /// <summary>
    /// Whether every other picture, at random, is mirrored left to right: twice the data where a mirrored picture is as likely as the
    /// picture, and samples that are mirrored
    /// where it is not (letters). For pictures only; validation data stays as it is. Not unless set.
    /// </summary>
    public bool HorizontalFlips { get; set; }

    /// <summary>
    /// Whether rows with values that are not valid (NaN, infinite, out of the codec's range) are left out, with a warning in the log,
    /// instead of ending Fit. Refused unless set; the noise
    /// schedule has the same option.
    /// </summary>
    public bool DropInvalidRows { get; set; }

    /// <summary>
    /// What becomes of values of condition columns that the model does not know: in training and validation data (with
    /// <see cref="DropInvalidRows"/> such rows are left out), and, in the trained
    /// model, where samples are asked for. An <see cref="UnknownValueException"/> unless set.
    /// </summary>
    public UnknownValues UnknownValues { get; set; }

    /// <summary>
    /// The precision in which the network is trained; weights, loss and the model stay Float32. <see cref="Precision.Auto"/> (unless set)
    /// takes BFloat16 where steps are faster with it: on processors that have
    /// instructions for it, some steps of both are timed on a copy before the run (at most a hundredth of it, and two seconds), and the
    /// log says which it is and by how much. A checkpoint holds the choice, and a
    /// resumed run keeps it.
    /// </summary>
    public Precision Precision { get; set; } = Precision.Auto;

    /// <summary>The seed of weights, order, noise and dropout; that of the MLContext unless set, 0 where that has none either.</summary>
    public int? Seed { get; set; }

    /// <summary>The number of steps between reports and validations to <see cref="Progress"/>; at least 1. 1 unless set.</summary>
    public int ProgressInterval { get; set; } = 1;

    /// <summary>Is told how training does. Called on the training thread.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>
    /// Is told as <see cref="Progress"/> is, on the training thread: a lambda in its place or beside it, <c>OnProgress = step =>
    /// Console.WriteLine(step)</c>. None unless set.
    /// </summary>
    public Action<TrainingProgress>? OnProgress { get; set; }

    /// <summary>
    /// A folder into which each report is also written: as a row of <c>metrics.csv</c> and as events of TensorBoard. A resumed run goes
    /// on with its rows, a new one replaces them.
    /// Validations also write the loss by noise level, as <c>loss_by_level.csv</c> and as a plot, <c>loss_by_level.png</c>. What can not
    /// be written on the way is a warning, and is tried
    /// again. Nothing is written unless set.
    /// </summary>
    public string? MetricsFolder { get; set; }

    /// <summary>
    /// The number of steps between measurements of the loss on validation data, where there is some; at least 1. The end always measures.
    /// 500 unless set.
    /// </summary>
    public int ValidationInterval { get; set; } = 500;

    /// <summary>The number of rows, from the first, that validation looks at; at least 1. 1,024 unless set.</summary>
    public int ValidationRows { get; set; } = 1024;

    /// <summary>
    /// Whether the model keeps the weights of the smallest loss on validation data, instead of the last ones. Needs validation data. Not
    /// unless set.
    /// </summary>
    public bool KeepBest { get; set; }

    /// <summary>
    /// Ends training after so many validations in a row without a smaller loss; at least 1. Needs validation data. Never unless set.
    /// </summary>
    public int? Patience { get; set; }

    /// <summary>The number of the CUDA device to train on; that of the MLContext unless set, the CPU where that has none either.</summary>
    public int? GpuDeviceId { get; set; }

    /// <summary>Keeps the state of the run on disk, and resumes it; nothing is kept unless set.</summary>
    public TrainingCheckpoint? Checkpoint { get; set; }

    /// <summary>
    /// Ends training within a step; Fit then returns the model trained so far. Cancelled before the first step is done, there is none,
    /// and Fit throws an
    /// <see cref="OperationCanceledException"/>.
    /// </summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>The number of samples of a step.</summary>
    internal long StepSize => (long)BatchSize * GradientAccumulation;

    /// <summary>The average that the model keeps; null for the last weights.</summary>
    internal WeightAverage? ChosenAverage => Average ?? (EmaLength > 0 ? new PowerFunctionAverage(EmaLength) : null);

    /// <summary>The weights that the model keeps beside each other; null for one set of them.</summary>
    internal virtual WeightEnsemble? ChosenEnsemble => null;

    /// <summary>Whether validation decides what becomes of the run.</summary>
    internal bool NeedsValidation => KeepBest || Patience is not null;

    internal TrainerOptions Copy() => (TrainerOptions)MemberwiseClone();

    /// <summary>Refuses what is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, the value and the range.</exception>
    internal virtual void Validate()
    {
        Check(Enum.IsDefined(UnknownValues), UnknownValues, nameof(UnknownValues), "Error, Warn or Ignore");
        Check(Levels is not null, Levels, nameof(Levels), "a distribution of levels");
        Check(Steps is null or >= 1, Steps, nameof(Steps), "at least 1");
        Check(Epochs is null or (> 0 and < double.PositiveInfinity), Epochs, nameof(Epochs), "positive and finite");
        Check(TimeBudget is null || TimeBudget > TimeSpan.Zero, TimeBudget, nameof(TimeBudget), "positive");
        Check(BatchSize >= 1, BatchSize, nameof(BatchSize), "at least 1");
        Check(GradientAccumulation >= 1, GradientAccumulation, nameof(GradientAccumulation), "at least 1");
        Check(BatchParts is null || (BatchParts >= 1 && BatchParts <= BatchSize), BatchParts, nameof(BatchParts), $"at least 1 and at most {nameof(BatchSize)}, {BatchSize}");
        Check(LearningRate is > 0 and < double.PositiveInfinity, LearningRate, nameof(LearningRate), "positive and finite");
        Check(WarmUp is >= 0 and < 1, WarmUp, nameof(WarmUp), "in [0, 1)");
        Check(Decay is >= 0 and <= 1, Decay, nameof(Decay), "in [0, 1]");
        Check(WeightDecay is >= 0 and < double.PositiveInfinity, WeightDecay, nameof(WeightDecay), "finite and not negative");
        Check(EmaLength >= 0 && EmaLength <= PowerFunctionAverage.LargestLength, EmaLength, nameof(EmaLength), "in [0, 0.288]");
        Check(GradientClipping > 0, GradientClipping, nameof(GradientClipping), "positive");
        Check(Enum.IsDefined(Precision), Precision, nameof(Precision), $"one of {string.Join(", ", Enum.GetNames<Precision>())}");
        Check(ProgressInterval >= 1, ProgressInterval, nameof(ProgressInterval), "at least 1");
        Check(MetricsFolder is null || !string.IsNullOrWhiteSpace(MetricsFolder), MetricsFolder, nameof(MetricsFolder), "the path of a folder, or null for none");
        Check(ValidationInterval >= 1, ValidationInterval, nameof(ValidationInterval), "at least 1");
        Check(ValidationRows >= 1, ValidationRows, nameof(ValidationRows), "at least 1");
        Check(Patience is null or >= 1, Patience, nameof(Patience), "at least 1");
        Check(GpuDeviceId is null or >= 0, GpuDeviceId, nameof(GpuDeviceId), "not negative");
    }

    /// <summary>Refuses names of output columns that are missing or one.</summary>
    private protected static void CheckOutputs((string Name, string Option) first, (string Name, string Option) second)
    {
        Check(!string.IsNullOrWhiteSpace(first.Name), first.Name, first.Option, "a column name");
        Check(!string.IsNullOrWhiteSpace(second.Name), second.Name, second.Option, "a column name");
        Check(second.Name != first.Name, second.Name, second.Option, $"another name than {first.Option}");
    }

    private protected static void Check(bool valid, object? value, string name, string range)
    {
        if (!valid)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value ?? "missing"}; it must be {range}.");
    }
}
