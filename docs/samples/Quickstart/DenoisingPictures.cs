using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>
/// Shows samples on their way: the state x, from noise to picture, and what the denoiser takes it for. A sampler asks only the denoiser,
/// so whoever wants to watch it wraps the denoiser.
/// </summary>
internal static class DenoisingPictures
{
    private const int Steps = 20;

    private static readonly int[] _shown = [0, 4, 7, 9, 11, 13, 15, 17];

    /// <param name="d">The library.</param>
    /// <param name="rows">Rows of a generator: their denoiser column carries the guided denoiser, and its values are the rows' conditions.</param>
    /// <param name="path">The file to write.</param>
    public static void Save(DiffusionCatalog d, IDataView rows, string path)
    {
        DenoiserHandle handle = DenoiserHandle.Get(rows.Schema, DenoiserColumns.DefaultDenoiser);
        DataShape shape = handle.Spec.Shape;
        NoiseSchedule schedule = handle.Spec.Process.Schedule;
        string[] labels = Labels(rows);
        float[] conditions = [.. rows.GetColumn<float[]>(DenoiserColumns.DefaultDenoiser).SelectMany(row => row)];

        using var scope = NewDisposeScope();
        SamplingPlan plan = KnownSolvers.DpmSolverPlusPlus2M.Plan(schedule.DefaultSpacing.Grid(schedule, Steps));
        var noise = new RowNoise(seed: 1, [.. Enumerable.Range(0, labels.Length).Select(row => new RowKey((ulong)row))]);
        var denoiser = new RecordingDenoiser(handle.Denoiser, handle.Spec.Codec, handle.Spec.DataScale);
        Tensor start = PlanRunner.DrawStart(plan.Grid, noise, zeros(shape.Batch(labels.Length), device: handle.Device));
        Tensor packed = tensor(conditions, device: handle.Device).reshape(labels.Length, -1);
        float[][] samples = denoiser.Pictures(PlanRunner.Run(plan, denoiser, start, new Conditioning(handle.Layout, packed), noise));

        d.Images.SaveGrid(
            [.. Enumerable.Range(0, labels.Length).SelectMany(row => Line(denoiser.States, samples, row).Concat(Line(denoiser.Estimates, samples, row)))],
            shape, path, new()
            {
                Title = "From noise to sample: the state x, and the denoiser's estimate of the picture in it",
                ColumnTitles = [.. _shown.Select(step => Title(denoiser.Sigmas[step])), "sample"],
                RowTitles = [.. labels.SelectMany(label => new[] { label, "estimate" })],
            });
    }

    private static IEnumerable<float[]> Line(List<float[][]> calls, float[][] samples, int row) => [.. _shown.Select(step => calls[step][row]), samples[row]];

    private static string Title(double sigma) => FormattableString.Invariant($"σ = {(sigma >= 10 ? Math.Round(sigma) : Math.Round(sigma, 2))}");

    private static string[] Labels(IDataView rows)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        rows.Schema["Label"].GetKeyValues(ref names);
        return [.. rows.GetColumn<uint>("Label").Select(key => names.GetItemOrDefault((int)key - 1).ToString())];
    }
}
