using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>A row of the plane: one of two clouds, which is also its class.</summary>
internal sealed class PointRow
{
    [VectorType(2)]
    public float[] Point { get; set; } = [0, 0];

    public string Cloud { get; set; } = "";
}

/// <summary>A request for a sample.</summary>
internal sealed class PointQuery
{
    public string Cloud { get; set; } = "";

    public int Seed { get; set; }
}

/// <summary>A sample.</summary>
internal sealed class PointSample
{
    public float[] Sample { get; set; } = [];
}

/// <summary>
/// Data of known moments: an even mixture of two round clouds of deviation 0.5, "left" around (−2, 1) and "right" around (2, 3): mean (0, 2),
/// covariance [[4.25, 2], [2, 1.25]].
/// </summary>
internal static class Points
{
    public const double Deviation = 0.5;

    public static readonly double[] Left = [-2, 1], Right = [2, 3];

    public static IReadOnlyList<PointRow> Rows(int count)
    {
        var noise = new float[2 * count];
        RowNoise.FillNormal(noise, 99, new RowKey(0), 0);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            bool left = i % 2 == 0;
            var centre = left ? Left : Right;
            return new PointRow
            {
                Cloud = left ? "left" : "right",
                Point = [(float)(centre[0] + Deviation * noise[2 * i]), (float)(centre[1] + Deviation * noise[2 * i + 1])],
            };
        })];
    }

    public static IDataView Load(MLContext ml, int count = 1000) => ml.Data.LoadFromEnumerable(Rows(count));

    public static IDataView Queries(MLContext ml, int count, string? cloud = null)
        => ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new PointQuery { Cloud = cloud ?? (i % 2 == 0 ? "left" : "right"), Seed = i }));

    public static DenoiserTrainer.Options Options(int steps) => new()
    {
        Network = new ResidualMlp { Width = 64, Blocks = 2 },
        Steps = steps,
        BatchSize = 64,
        Precision = Precision.Float32,
    };

    public static (double[] Mean, double[] Covariance) Moments(IReadOnlyList<float[]> samples)
    {
        double[] mean = [.. Enumerable.Range(0, 2).Select(i => samples.Average(sample => (double)sample[i]))];
        double Covariance(int i, int j) => samples.Average(sample => (sample[i] - mean[i]) * (sample[j] - mean[j]));
        return (mean, [Covariance(0, 0), Covariance(0, 1), Covariance(1, 1)]);
    }

    /// <summary>Fails where samples have other moments than the data.</summary>
    public static void AssertMoments(IReadOnlyList<float[]> samples, string what)
    {
        var (mean, covariance) = Moments(samples);
        // 1,024 samples: the mean of the first value (deviation 2.06) is known to 0.064, its variance to about 0.06. Three times that, and as
        // much again for what a thousand steps leave unlearnt.
        Assert.AreEqual(0, mean[0], 0.4, what);
        Assert.AreEqual(2, mean[1], 0.25, what);
        Assert.AreEqual(4.25, covariance[0], 0.45, what);
        Assert.AreEqual(2, covariance[1], 0.35, what);
        Assert.AreEqual(1.25, covariance[2], 0.3, what);
    }

    public static float[][] Samples(MLContext ml, IDataView view, string column = "Sample")
        => [.. view.GetColumn<float[]>(column)];
}
