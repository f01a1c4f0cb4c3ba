using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The model that is guided and those that guide it, trained on the same pictures with the same forward process; and the judge.</summary>
internal sealed class GuidedModels : IDisposable
{
    private const int JudgeEpochs = 3;

    private readonly MLContext _ml;
    private readonly IDataView _pictures;
    private readonly DirectoryInfo? _folder;
    private readonly bool _ownsFolder;

    private GuidedModels(MLContext ml, IDataView pictures, string? folder)
    {
        (_ml, _pictures, _ownsFolder) = (ml, pictures, folder is null);
        _folder = folder is null ? Directory.CreateTempSubdirectory("guidance-") : Directory.CreateDirectory(folder);
    }

    /// <summary>The judge.</summary>
    public Judge Judge { get; } = new();

    /// <summary>Noise schedule and denoiser: conditional, with a tenth of the labels dropped.</summary>
    public ITransformer Denoiser { get; private set; } = null!;

    /// <summary>p(y | x) at every level.</summary>
    public ClassifierTransformer Classifier { get; private set; } = null!;

    /// <summary>Pictures and classes in one space, at every level.</summary>
    public ContrastiveTransformer Contrastive { get; private set; } = null!;

    /// <summary>The time that training took, in all.</summary>
    public double Seconds { get; private set; }

    /// <summary>Trains the models.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="pictures">The training pictures: Pixels, and Label as a key.</param>
    /// <param name="minutes">The time for the three that the library trains.</param>
    /// <param name="folder">Where they are kept, and taken from where they are there; null to keep none.</param>
    public static GuidedModels Train(MLContext ml, IDataView pictures, double minutes, string? folder)
    {
        var models = new GuidedModels(ml, pictures, folder);
        models.TrainAll(TimeSpan.FromMinutes(minutes));
        return models;
    }

    public void Dispose()
    {
        Judge.Dispose();
        (Denoiser as IDisposable)?.Dispose();
        Classifier.Dispose();
        Contrastive.Dispose();
        if (_ownsFolder)
            _folder!.Delete(recursive: true);
    }

    private void TrainAll(TimeSpan time)
    {
        Made("judge", "judge-classes.bin", () =>
        {
            Judge.Train(PictureSet.From(_pictures), JudgeEpochs);
            Judge.Save(_folder!.FullName);
        });
        Judge.Load(_folder!.FullName);

        var d = _ml.Diffusion();
        var schedule = d.Transforms.NoiseSchedule("Pixels", KnownSchedules.EdmSmallImages);
        Denoiser = Model("denoiser", () => schedule.Append(d.Trainers.Denoiser("Pixels", "Label", new() { BatchSize = 32, TimeBudget = 0.7 * time })));
        Classifier = Last<ClassifierTransformer>(Model("classifier", () => schedule.Append(d.Trainers.NoisyClassifier("Pixels", "Label", new() { BatchSize = 32, TimeBudget = 0.15 * time }))));
        Contrastive = Last<ContrastiveTransformer>(Model("contrastive", () => schedule.Append(d.Trainers.Contrastive("Pixels", "Label", new() { BatchSize = 64, TimeBudget = 0.15 * time }))));
    }

    private ITransformer Model<T>(string name, Func<IEstimator<T>> estimator)
        where T : class, ITransformer
    {
        string path = Path.Combine(_folder!.FullName, name + ".zip");
        Made(name, name + ".zip", () =>
        {
            var model = estimator().Fit(_pictures);
            using ((IDisposable)model)
                _ml.Model.Save(model, _pictures.Schema, path);
        });
        return _ml.Model.Load(path, out _);
    }

    private void Made(string name, string file, Action make)
    {
        string clock = Path.Combine(_folder!.FullName, name + ".seconds");
        bool isKept = File.Exists(Path.Combine(_folder.FullName, file)) && File.Exists(clock);
        if (!isKept)
        {
            var watch = Stopwatch.StartNew();
            make();
            File.WriteAllText(clock, watch.Elapsed.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }
        double seconds = double.Parse(File.ReadAllText(clock), CultureInfo.InvariantCulture);
        Seconds += seconds;
        Console.WriteLine(FormattableString.Invariant($"  {name}: trained in {seconds:0} s{(isKept ? ", before" : "")}"));
    }

    private static T Last<T>(ITransformer model)
        where T : class, ITransformer
        => ScoringSteps.Of(model).OfType<T>().Last();
}
