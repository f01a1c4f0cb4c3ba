using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion;

/// <content>Plots.</content>
public static partial class DiffusionImagesExtensions
{
    /// <summary>Plots losses over steps: each (thin), their moving average (bold), and those on validation data (points).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="training">The losses of the training, by rising step.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="validation">The losses on validation data; none unless given.</param>
    /// <param name="options">Title, size, smoothing; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no finite loss.</exception>
    public static void SaveLossPlot(
        this DiffusionImagesCatalog catalog, IReadOnlyList<LossPoint> training, string path, IReadOnlyList<LossPoint>? validation = null, LossPlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(training);
        PictureFile.CheckPath(path);
        using SKBitmap plot = Draw(training, validation, options);
        PictureFile.Save(plot, path);
    }

    /// <summary>Plots losses over steps, as PNG: each (thin), their moving average (bold), and those on validation data (points).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="training">The losses of the training, by rising step.</param>
    /// <param name="stream">The stream to write to.</param>
    /// <param name="validation">The losses on validation data; none unless given.</param>
    /// <param name="options">Title, size, smoothing; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no finite loss.</exception>
    public static void SaveLossPlot(
        this DiffusionImagesCatalog catalog, IReadOnlyList<LossPoint> training, Stream stream, IReadOnlyList<LossPoint>? validation = null, LossPlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(stream);
        using SKBitmap plot = Draw(training, validation, options);
        PictureEncoder.Png.Write(plot, stream);
    }

    /// <summary>Plots losses over the noise level, the plot that shows best where a model still learns: a line for each measurement, the last bold.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="lines">Name and losses of each measurement, such as <c>TrainingProgress.ValidationLevels</c>; the oldest first.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">Title and size; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no positive, finite loss.</exception>
    public static void SaveLevelLossPlot(
        this DiffusionImagesCatalog catalog, IReadOnlyList<(string Name, IReadOnlyList<LevelLoss> Losses)> lines, string path, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(lines);
        PictureFile.CheckPath(path);
        using SKBitmap plot = Draw(lines, options);
        PictureFile.Save(plot, path);
    }

    /// <summary>Plots losses over the noise level, as PNG: a line for each measurement, the last bold.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="lines">Name and losses of each measurement, such as <c>TrainingProgress.ValidationLevels</c>; the oldest first.</param>
    /// <param name="stream">The stream to write to.</param>
    /// <param name="options">Title and size; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no positive, finite loss.</exception>
    public static void SaveLevelLossPlot(
        this DiffusionImagesCatalog catalog, IReadOnlyList<(string Name, IReadOnlyList<LevelLoss> Losses)> lines, Stream stream, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(stream);
        using SKBitmap plot = Draw(lines, options);
        PictureEncoder.Png.Write(plot, stream);
    }

    /// <summary>Plots a plan: the noise ratio σ/α (logarithmic) at which each evaluation asks the denoiser.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="plan">The plan, of a solver on a grid or of an edit.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">Title and size; the defaults unless given.</param>
    /// <exception cref="ArgumentException">The plan asks no denoiser.</exception>
    public static void SavePlanPlot(this DiffusionImagesCatalog catalog, SamplingPlan plan, string path, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(plan);
        PictureFile.CheckPath(path);
        using SKBitmap plot = Draw(plan, options);
        PictureFile.Save(plot, path);
    }

    /// <summary>Plots a plan, as PNG: the noise ratio σ/α (logarithmic) at which each evaluation asks the denoiser.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="plan">The plan, of a solver on a grid or of an edit.</param>
    /// <param name="stream">The stream to write to.</param>
    /// <param name="options">Title and size; the defaults unless given.</param>
    /// <exception cref="ArgumentException">The plan asks no denoiser.</exception>
    public static void SavePlanPlot(this DiffusionImagesCatalog catalog, SamplingPlan plan, Stream stream, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(stream);
        using SKBitmap plot = Draw(plan, options);
        PictureEncoder.Png.Write(plot, stream);
    }

    /// <summary>Plots the plan that options of a sampler or an edit make of a solver, under the solver's name.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options: solver, steps and spacing.</param>
    /// <param name="schedule">The schedule of the model.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="plot">Title and size; the defaults unless given.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the sampler is no solver.</exception>
    public static void SavePlanPlot(
        this DiffusionImagesCatalog catalog, SamplingOptions options, NoiseSchedule schedule, string path, PlotOptions? plot = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(schedule);
        var settings = SamplingSettings.From(options, null);
        var solver = settings.Solver as ISolver
            ?? throw new ArgumentException($"Only solvers have plans, but the option {nameof(SamplingOptions.Solver)} is a {settings.Solver.GetType().Name}.", nameof(options));
        var plan = solver.Plan(settings.Grid(schedule));
        plot ??= new();
        SavePlanPlot(catalog, plan, path, new()
        {
            Title = plot.Title ?? FormattableString.Invariant($"{solver.Describe()}: {Plural.Of(plan.Grid.Steps, "step")}, {Plural.Of(plan.Evaluations, "evaluation")}"),
            Width = plot.Width,
            Height = plot.Height,
        });
    }

    private static SKBitmap Draw(IReadOnlyList<LossPoint> training, IReadOnlyList<LossPoint>? validation, LossPlotOptions? options)
    {
        options ??= new();
        options.Validate();
        return new LossPlot(training, validation ?? [], options).Draw();
    }

    private static SKBitmap Draw(IReadOnlyList<(string Name, IReadOnlyList<LevelLoss> Losses)> lines, PlotOptions? options)
    {
        options ??= new();
        options.Validate();
        return new LevelLossPlot(lines, options).Draw();
    }

    private static SKBitmap Draw(SamplingPlan plan, PlotOptions? options)
    {
        options ??= new();
        options.Validate();
        return new PlanPlot(plan, options).Draw();
    }
}
