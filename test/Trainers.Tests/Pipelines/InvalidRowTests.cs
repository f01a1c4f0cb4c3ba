namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class InvalidRowTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Fit_InvalidValue_IsRefusedByRowAndColumn(float value)
    {
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(Data(value)));
        Assert.Contains("Column 'Point', row 3: value 1 is", exception.Message);
        Assert.Contains("DropInvalidRows", exception.Message);
        // The trainer's own pass, behind a schedule that was fitted on other data.
        var noised = _ml.Diffusion().Transforms.NoiseSchedule("Point").Fit(Points.Load(_ml, 20)).Transform(Data(value));
        exception = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Diffusion().Trainers.Denoiser("Point", options: Points.Options(1)).Fit(noised));
        Assert.Contains("Row 3 of the training data, column 'Point': value 1 is", exception.Message);
    }

    [TestMethod]
    public void Fit_DropInvalidRows_TrainsOnTheOthersAndWarns()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        using var dropped = Train(Data(float.NaN), drop: true);
        using var clean = Train(_ml.Data.LoadFromEnumerable(Rows(1).Where((_, i) => i is not (3 or 7))), drop: false);
        Assert.AreSequenceEqual(TrainedWeights.Of(clean), TrainedWeights.Of(dropped));
        // Of the schedule and of the trainer.
        Assert.HasCount(2, warnings.FindAll(message => message.Contains("2 rows are left out", StringComparison.Ordinal) && message.Contains("ow 3", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Fit_NoValidRow_SaysSo()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(_ => new PointRow { Point = [float.NaN, 0] }));
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Diffusion().Transforms.NoiseSchedule("Point", options: new() { DropInvalidRows = true }).Fit(data));
        Assert.Contains("no valid rows", exception.Message);
    }

    private Transforms.DenoiserTransformer Train(IDataView data, bool drop)
    {
        var d = _ml.Diffusion();
        var options = Points.Options(3);
        options.DropInvalidRows = drop;
        var schedule = d.Transforms.NoiseSchedule("Point", options: new() { DropInvalidRows = drop });
        return d.Trainers.Denoiser("Point", options: options).Fit(schedule.Fit(data).Transform(data));
    }

    private IDataView Data(float value) => _ml.Data.LoadFromEnumerable(Rows(value));

    private static IReadOnlyList<PointRow> Rows(float value)
    {
        var rows = Points.Rows(40);
        foreach (int i in new[] { 3, 7 })
            rows[i].Point[1] = value;
        return rows;
    }
}
