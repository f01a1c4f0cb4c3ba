using Microsoft.ML.Diffusion.Transforms;
using SkiaSharp;

namespace Microsoft.ML.Diffusion;

/// <summary>Writes pictures and plots as PNG files.</summary>
/// <remarks>
/// The path ends in .png; missing folders are made; a file is written whole or not at all. Text is drawn with an embedded font.
/// On Linux the program brings SkiaSharp.NativeAssets.Linux or its variant without dependencies.
/// </remarks>
public static class DiffusionImagesExtensions
{
    /// <summary>Draws the pictures of a column on one sheet.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">Labels, titles, scale, range of values; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no such column, it holds no pictures, or there is no row.</exception>
    public static void SaveGrid(this DiffusionImagesCatalog catalog, IDataView data, string column, string path, PictureGridOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        options = Checked(path, options);
        DataShape shape = PictureColumn.ShapeOf(data.Schema, column, options.ImageShape);
        var pictures = PictureColumn.Read(data, column, options.LabelColumn).Take(options.Limit).ToArray();
        Save(shape, options.LabelColumn is null
            ? PictureLines.Flow([.. pictures.Select(item => item.Picture)], options)
            : PictureLines.ByLabel(pictures, options), path, options);
    }

    /// <summary>Draws pictures on one sheet.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="pictures">Line by line; each channel by channel, row by row.</param>
    /// <param name="shape">The shape of each: 1, 3 or 4 channels, height, width.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="options">Titles, scale, range of values; the defaults unless given.</param>
    /// <exception cref="ArgumentException">There is no picture, or one is not of the shape.</exception>
    public static void SaveGrid(
        this DiffusionImagesCatalog catalog, IReadOnlyList<float[]> pictures, DataShape shape, string path, PictureGridOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(pictures);
        options = Checked(path, options);
        if (options.LabelColumn is not null)
            throw new ArgumentException($"{nameof(PictureGridOptions.LabelColumn)} is a column of an IDataView; arrays have {nameof(PictureGridOptions.RowTitles)}.", nameof(options));
        Save(shape, PictureLines.Flow(pictures, options), path, options);
    }

    /// <summary>Writes each picture of a column to a file of its own: LABEL_INDEX.png, or INDEX.png without labels, indices from 0 for each label.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column: a vector of Single [channels, height, width] with 1, 3 or 4 channels.</param>
    /// <param name="folder">Where the files go; made where it is missing. Files of the same names are replaced, others stay.</param>
    /// <param name="options">Labels, scale, range of values; the defaults unless given.</param>
    /// <returns>The paths written, in order of the rows.</returns>
    public static IReadOnlyList<string> SavePictures(
        this DiffusionImagesCatalog catalog, IDataView data, string column, string folder, PictureFilesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        options ??= new();
        options.Validate();
        DataShape shape = PictureColumn.ShapeOf(data.Schema, column, options.ImageShape);
        PictureBitmap.Check(shape);
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var paths = new List<string>();
        foreach ((string label, float[] picture) in PictureColumn.Read(data, column, options.LabelColumn))
        {
            string prefix = options.LabelColumn is null ? "" : FileNames.Sanitize(label) + "_";
            int index = counts.GetValueOrDefault(prefix);
            counts[prefix] = index + 1;
            string path = Path.Combine(folder, $"{prefix}{index}.png");
            using SKBitmap bitmap = PictureBitmap.Create(picture, shape, options.Minimum, options.Maximum, options.Scale);
            PictureFile.Save(bitmap, path);
            paths.Add(path);
        }
        return paths;
    }

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
        options ??= new();
        options.Validate();
        using SKBitmap plot = new LossPlot(training, validation ?? [], options).Draw();
        PictureFile.Save(plot, path);
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
        options ??= new();
        options.Validate();
        new LevelLossPlot(lines, options).Save(path);
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
        options ??= new();
        options.Validate();
        using SKBitmap plot = new PlanPlot(plan, options).Draw();
        PictureFile.Save(plot, path);
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
            Title = plot.Title ?? FormattableString.Invariant($"{solver.Describe()}: {plan.Grid.Steps} steps, {plan.Evaluations} evaluations"),
            Width = plot.Width,
            Height = plot.Height,
        });
    }

    private static PictureGridOptions Checked(string path, PictureGridOptions? options)
    {
        PictureFile.CheckPath(path);
        options ??= new();
        options.Validate();
        return options;
    }

    private static void Save(DataShape shape, PictureLine[] lines, string path, PictureGridOptions options)
    {
        using SKBitmap sheet = new PictureSheet(shape, lines, options).Draw();
        PictureFile.Save(sheet, path);
    }
}
