using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Embeddings of an ONNX encoder as a condition, through ML.NET's ApplyOnnxModel.</summary>
[TestClass]
public class OnnxConditionTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_EmbeddingsOfAnOnnxEncoder_SamplesFollowThem()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("onnx-").FullName, "encoder.onnx");
        // Of three features the first says which cloud it is.
        OnnxFile.WriteLinear(path, "features", "embedding", new float[,] { { 1, -1 }, { 0, 0 }, { 0, 0 } });
        var d = _ml.Diffusion();
        using var model = _ml.Transforms.ApplyOnnxModel(["embedding"], ["features"], path)
            .Append(d.Transforms.NoiseSchedule("Point"))
            .Append(d.Trainers.Denoiser("Point", "embedding", Points.Options(400)))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 10 }))
            .Fit(_ml.Data.LoadFromEnumerable(Points.Rows(1000).Select((row, i) => new FeatureRow { Point = row.Point, Features = Features(row.Cloud == "left", i) })));
        var queries = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 64).Select(i => new FeatureRow { Seed = i, Features = Features(i % 2 == 0, i) }));
        float[][] samples = ViewChecks.Vectors(model.Transform(queries), "Sample");
        // The clouds are four deviations to the left and right of zero.
        Assert.IsTrue(samples.Where((_, i) => i % 2 == 0).All(point => point[0] < 0));
        Assert.IsTrue(samples.Where((_, i) => i % 2 == 1).All(point => point[0] > 0));
        ViewChecks.SameValues(model.Transform(queries), EstimatorChecks.Reload(_ml, model, queries.Schema).Transform(queries));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private static float[] Features(bool left, int row) => [left ? 1 : -1, row % 7, 1];

    private sealed class FeatureRow
    {
        public int Seed { get; set; }

        [VectorType(2)]
        public float[] Point { get; set; } = [0, 0];

        [VectorType(1, 3), ColumnName("features")]
        public float[] Features { get; set; } = [0, 0, 0];
    }
}
