using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LargestDistanceTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(1, 3)]
    [DataRow(2, 1)]
    [DataRow(64, 2)]
    [DataRow(65, 5)]
    [DataRow(300, 1)]
    [DataRow(333, 7)]
    public void Between_AnyRows_IsTheLargestOfAllPairs(int count, int size)
    {
        var random = new Random(count);
        float[] values = [.. Enumerable.Range(0, count * size).Select(_ => 1000 + random.NextSingle() * MathF.Pow(10, random.Next(3)))];
        double largest = 0;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < i; j++)
                largest = Math.Max(largest, Math.Sqrt(Enumerable.Range(0, size).Sum(k => Math.Pow((double)values[i * size + k] - values[j * size + k], 2))));
        // Two pairs whose distances are one in Float32 may be confused.
        Assert.AreEqual(largest, LargestDistance.Between(values, size), 1e-6 * largest);
    }

    [TestMethod]
    public void Fit_GeometricFromData_TakesTheLargestDistanceInModelSpace()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 5).Select(i => new Plane { X = [i, 10] }));
        var fitted = _ml.Diffusion().Transforms.NoiseSchedule("X", KnownSchedules.GeometricFromData).Fit(data);
        // 0 … 4 have deviation √2; the second value is the same in every row.
        var schedule = Assert.IsInstanceOfType<VeSchedule>(fitted.Info.Process.Schedule);
        Assert.AreEqual(4 / Math.Sqrt(2), schedule.SigmaMax, 1e-6);
        Assert.AreEqual(0.01, schedule.SigmaMin);
        Assert.ContainsSingle(message => message.Contains("Column 'X': the largest distance between two of all 5 rows is 2.82843", StringComparison.Ordinal), messages);
        using var file = new MemoryStream();
        _ml.Model.Save(fitted, data.Schema, file);
        file.Position = 0;
        var loaded = Assert.IsInstanceOfType<NoiseScheduleTransformer>(_ml.Model.Load(file, out _));
        Assert.AreEqual(schedule.SigmaMax, ((VeSchedule)loaded.Info.Process.Schedule).SigmaMax);
    }

    [TestMethod]
    public void Fit_MoreRowsThanTheBound_TakesThemEvenly()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20_000).Select(i => new Plane { X = [i, -i] }));
        var options = new NoiseScheduleEstimator.Options { Codec = new StandardizingCodec([0, 0], [1, 1]) };
        var schedule = (VeSchedule)_ml.Diffusion().Transforms.NoiseSchedule("X", KnownSchedules.GeometricFromData, options).Fit(data).Info.Process.Schedule;
        // The last of the rows taken is one of the last three.
        Assert.AreEqual(19_999 * Math.Sqrt(2), schedule.SigmaMax, 3 * Math.Sqrt(2));
        Assert.ContainsSingle(message => message.Contains("8192 rows, taken evenly from 20000", StringComparison.Ordinal), messages);
    }

    [TestMethod]
    public void Fit_EqualRows_SaysThatThereIsNoDistance()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(_ => new Plane { X = [1, 2] }));
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Diffusion().Transforms.NoiseSchedule("X", KnownSchedules.GeometricFromData).Fit(data));
        Assert.Contains("above the smallest σ", exception.Message);
    }

    private sealed class Plane
    {
        [VectorType(2)]
        public float[] X { get; set; } = [0, 0];
    }
}
