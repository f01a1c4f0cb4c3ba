using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;

namespace Quickstart;

/// <summary>Shows what training reverts: pictures at rising levels of noise.</summary>
internal static class ForwardPictures
{
    private const int Rows = 4;
    private const double DataScale = 0.5;

    private static readonly double[] _sigmas = [0, 0.1, 0.25, 0.5, 1, 2, 5, 20];

    public static void Save(DiffusionCatalog d, IDataView pictures, NoiseSchedule schedule, string path)
    {
        var type = (VectorDataViewType)pictures.Schema["Pixels"].Type;
        var shape = new DataShape([.. type.Dimensions]);
        var codec = new PixelCodec();
        var lines = new List<float[]>();
        float[][] examples = [.. pictures.GetColumn<float[]>("Pixels").Take(Rows)];
        for (int row = 0; row < examples.Length; row++)
        {
            codec.Encode(examples[row]);
            float[] noise = new float[shape.Size];
            RowNoise.FillNormal(noise, seed: 1, new RowKey((ulong)row), draw: 0);
            foreach (double sigma in _sigmas)
            {
                NoiseLevel level = schedule.At(schedule.TimeOf(-2 * Math.Log(sigma)));
                // x grows with σ; it is shown scaled to the usual deviation of pictures, as EDM's networks see it.
                double scale = DataScale / Math.Sqrt(level.Sigma * level.Sigma + DataScale * DataScale);
                float[] x = [.. examples[row].Zip(noise, (x0, epsilon) => (float)((level.Alpha * x0 + level.Sigma * epsilon) * scale))];
                codec.DecodeSample(x);
                lines.Add(x);
            }
        }
        d.Images.SaveGrid(lines, shape, path, new()
        {
            Title = "The forward process: x = x₀ + σ·ε",
            Columns = _sigmas.Length,
            ColumnTitles = [.. _sigmas.Select(sigma => FormattableString.Invariant($"σ = {sigma}"))],
        });
    }
}
