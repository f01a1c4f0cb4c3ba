using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Draws samples of a network in training.</summary>
/// <param name="options">How many, how often, how.</param>
/// <param name="task">What is trained.</param>
/// <param name="denoiser">The network with its weights as they are.</param>
/// <param name="codec">The way between pictures and model space.</param>
/// <param name="images">Writes sheets.</param>
/// <param name="rows">The training data, whose conditions the samples have.</param>
internal sealed class SampleSheets(TrainingSamples options, DenoisingTask task, IDenoiser denoiser, IDataCodec codec, DiffusionImagesCatalog images, SampleBuffer rows) : ISampleSheets
{
    private const int BatchSize = 16;

    private readonly ISamplingProgram _program = options.Solver.Prepare(task.Process.Schedule.DefaultSpacing.Grid(task.Process.Schedule, options.Steps));

    /// <inheritdoc/>
    public int Every => options.Every;

    /// <summary>Refuses samples that no sheet can show.</summary>
    /// <exception cref="ArgumentException">They are no pictures.</exception>
    public static void Check(DataShape shape)
    {
        if (!shape.IsImage || shape.Dimensions[0] is not (1 or 3 or 4))
            throw new ArgumentException($"The option {nameof(DenoiserTrainer.Options.Samples)} draws pictures of 1, 3 or 4 channels, but a sample has the shape {shape}.");
    }

    /// <inheritdoc/>
    public void Write(long step)
    {
        var pictures = new List<float[]>(options.Count);
        for (int first = 0; first < options.Count; first += BatchSize)
            pictures.AddRange(Samples(first, Math.Min(BatchSize, options.Count - first)));
        var (minimum, maximum) = codec is PixelCodec pixels ? (pixels.Minimum, pixels.Maximum) : (pictures.Min(picture => picture.Min()), pictures.Max(picture => picture.Max()));
        images.SaveGrid(pictures, task.Shape, Path.Combine(options.Folder, FormattableString.Invariant($"samples-{step:d7}.png")),
            new() { Title = FormattableString.Invariant($"step {step:n0}"), Minimum = minimum, Maximum = maximum });
    }

    private float[][] Samples(int first, int count)
    {
        using var scope = NewDisposeScope();
        using var like = empty(task.Shape.Batch(count), ScalarType.Float32, task.Device);
        var noise = new RowNoise(task.Seed, [.. Enumerable.Range(first, count).Select(i => new RowKey((ulong)i, DrawKeys.Samples))]);
        using var start = PlanRunner.DrawStart(_program.Grid, noise, like);
        using var samples = _program.Run(denoiser, start, new Conditioning(task.Layout, Conditions(first, count)), noise);
        using var host = samples.to(ScalarType.Float32, CPU);
        float[][] pictures = [.. host.data<float>().ToArray().Chunk(task.Shape.Size)];
        foreach (float[] picture in pictures)
            codec.DecodeSample(picture);
        return pictures;
    }

    private Tensor? Conditions(int first, int count)
    {
        float[] packed = [.. Enumerable.Range(first, count).SelectMany(i => rows.Conditions(i * rows.Count / options.Count).ToArray())];
        return PackedConditions.ToTensor(task.Layout, packed, count, task.Device);
    }
}
