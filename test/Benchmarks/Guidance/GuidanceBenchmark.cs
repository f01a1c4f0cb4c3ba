using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// Each guidance on Fashion-MNIST: how many samples show the class asked for, in the eyes of a judge that no guidance asks, and how different they are, against the scale. Options: --data FOLDER
/// (else the folder shared/data/fashion-mnist beside the repository), --minutes N of training, --rows N samples of each, --models FOLDER to keep and reuse what was trained, --out FOLDER for the plot and sheets, --only NAME for the guidances whose names begin so.
/// </summary>
internal sealed class GuidanceBenchmark : IBenchmark
{
    private const int Steps = 20;

    private readonly MLContext _ml = new(1);

    public string Name => "guidance";

    public string Description => "agreement with the class asked for against scale, of every guidance, on Fashion-MNIST";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        var settings = GuidanceSettings.Parse(arguments);
        var watch = Stopwatch.StartNew();
        var train = Load(settings.Data, IdxSplit.Train);
        var test = PictureSet.From(Load(settings.Data, IdxSplit.Test));
        using var models = GuidedModels.Train(_ml, train, settings.Minutes, settings.Models);
        var real = Verdict.Of(models.Judge, test);
        Console.WriteLine(FormattableString.Invariant($"  judge on real test pictures: {real.Agreement:0.000}\n"));
        var trials = new List<GuidanceTrial>();
        foreach (var (name, scale, isConditional, solver, guidance) in Trials(models).Where(trial => settings.Only is null || trial.Name.StartsWith(settings.Only, StringComparison.Ordinal)))
        {
            var trial = Sample(models, settings, real, name, scale, isConditional, solver, guidance);
            trials.Add(trial);
            Console.WriteLine(FormattableString.Invariant($"  {name,-24} {scale,6:0.##}  agreement {trial.Verdict.Agreement:0.000}  diversity {trial.Verdict.Diversity:0.00}  {1000 * trial.Seconds,6:0} ms a sample, {trial.Seconds / trials[0].Seconds:0.0} × {trials[0].Name}"));
        }
        if (settings.Out is { } folder)
            TradeOffPlot.Save(trials, real.Agreement, Path.Combine(folder, "guidance.png"));
        return Figures(trials, real, models, watch.Elapsed);
    }

    // All but classifier-free guidance guide the model without its label: what is right then is right because of the guidance.
    private IEnumerable<(string Name, double Scale, bool IsConditional, ISampler Solver, IEstimator<ITransformer>? Guidance)> Trials(GuidedModels models)
    {
        var d = _ml.Diffusion().Transforms;
        ISampler multistep = KnownSolvers.DpmSolverPlusPlus2M;
        yield return ("unguided", 0, false, multistep, null);
        foreach (double scale in new[] { 1, 1.5, 2, 4 })
            yield return ("classifier-free", scale, true, multistep, d.ClassifierFreeGuidance(scale));
        foreach (double scale in new[] { 1, 4, 10, 20 })
            yield return ("classifier", scale, false, multistep, d.ClassifierGuidance(models.Classifier, "Target", new() { Scale = scale }));
        foreach (double scale in new[] { 1, 4, 10, 20 })
            yield return ("CLIP", scale, false, multistep, d.ClipGuidance(models.Contrastive, "Target", new() { Scale = scale }));
        var objective = KnownGuidanceObjectives.MatchClass(models.Classifier.Classifier, "Target");
        foreach (double scale in new[] { 1, 4, 20, 100 })
            yield return ("universal", scale, false, multistep, d.UniversalGuidance(objective, new() { ForwardWeight = scale }));
        yield return ("universal + backward", 20, false, multistep, d.UniversalGuidance(objective, new() { ForwardWeight = 20, BackwardSteps = 3, BackwardStepSize = 2 }));
        // Recurrence takes each step again, which needs a solver of single steps.
        yield return ("universal + recurrence", 20, false, KnownSolvers.Ddim, d.UniversalGuidance(objective, new() { ForwardWeight = 20, BackwardSteps = 3, BackwardStepSize = 2, Recurrence = 2 }));
    }

    private IDataView Load(string folder, IdxSplit split)
    {
        var pictures = _ml.Diffusion().Data.LoadIdx(folder, split);
        return _ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(pictures).Transform(pictures);
    }

    private GuidanceTrial Sample(GuidedModels models, GuidanceSettings settings, Verdict real, string name, double scale, bool isConditional, ISampler solver, IEstimator<ITransformer>? guidance)
    {
        var queries = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, settings.Rows).Select(i => new Query
        {
            Label = isConditional ? (uint)(i % PictureSet.Classes) : PictureSet.Classes,
            Target = (uint)(i % PictureSet.Classes),
            Seed = i,
        }));
        var basis = models.Denoiser.Transform(queries);
        var sampler = _ml.Diffusion().Transforms.Sampler("Sample", new() { Solver = solver, Steps = Steps });
        var watch = Stopwatch.StartNew();
        var view = guidance is null ? sampler.Fit(basis).Transform(basis) : guidance.Append(sampler).Fit(basis).Transform(basis);
        float[][] samples = [.. view.GetColumn<float[]>("Sample")];
        double seconds = watch.Elapsed.TotalSeconds / settings.Rows;
        if (settings.Out is { } folder)
            Draw(samples, Path.Combine(folder, FormattableString.Invariant($"{name.Replace(" + ", "-")}-{scale}.png")));
        var pictures = new PictureSet(samples, [.. Enumerable.Range(0, settings.Rows).Select(i => (long)(i % PictureSet.Classes))]);
        return new GuidanceTrial(name, scale, Verdict.Of(models.Judge, pictures, real.Diversity), seconds);
    }

    private void Draw(float[][] samples, string path)
    {
        const int Rows = 6;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _ml.Diffusion().Images.SaveGrid([.. samples.Take(Rows * PictureSet.Classes)], new DataShape(1, PictureSet.Size, PictureSet.Size), path, new() { Columns = PictureSet.Classes });
    }

    private static Dictionary<string, double> Figures(IReadOnlyList<GuidanceTrial> trials, Verdict real, GuidedModels models, TimeSpan time)
    {
        var figures = new Dictionary<string, double> { ["judge_on_real"] = real.Agreement };
        foreach (var guidance in trials.GroupBy(trial => trial.Name))
            figures[guidance.Key.Replace(" + ", "_").Replace('-', '_')] = guidance.Max(trial => trial.Verdict.Agreement);
        figures["training_minutes"] = models.Seconds / 60;
        figures["minutes"] = time.TotalMinutes;
        return figures;
    }

    // ML.NET counts the classes of a member from 0, and takes what is beyond the last one for missing.
    private sealed class Query
    {
        [KeyType(PictureSet.Classes)]
        public uint Label { get; set; }

        [KeyType(PictureSet.Classes)]
        public uint Target { get; set; }

        public long Seed { get; set; }
    }
}
