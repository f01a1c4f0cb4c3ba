namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>What training says of classes that no row has, and of labels that are all missing.</summary>
[TestClass]
public sealed class ClassRowsTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public ClassRowsTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == Runtime.ChannelMessageKind.Warning)
            _warnings.Add(e.Message);
    };

    [TestMethod]
    [DataRow(1, "1 class has no row in the training data, of the 3 that column 'Cloud' has keys for: 'more 0'. ")]
    [DataRow(13, "13 classes have no row in the training data, of the 15 that column 'Cloud' has keys for: 'more 0', 'more 1', 'more 2', 'more 3', 'more 4', 'more 5', 'more 6', 'more 7', 'more 8', 'more 9' and 3 more. ")]
    public void Fit_ClassesWithoutRows_AreNamedInOneWarning(int more, string expected)
    {
        var data = Scheduled(["left", "right", .. Enumerable.Range(0, more).Select(i => $"more {i}")], Points.Rows(20));
        _ml.Diffusion().Trainers.Denoiser("Point", "Cloud", Points.Options(1)).Fit(data).Dispose();
        Assert.Contains(expected, _warnings.Single());
        _warnings.Clear();
        _ml.Diffusion().Trainers.Denoiser("Point", "Cloud", Points.Options(1)).Fit(Scheduled(["left", "right"], Points.Rows(20))).Dispose();
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void Fit_AllLabelsBlank_SaysColumnRowsAndCure()
    {
        var t = _ml.Diffusion().Trainers;
        var blank = Scheduled(["left", "right"], Blank(20));
        const string Condition = "None of the 20 rows of the training data has a value in the condition column 'Cloud', so that nothing can be learned of it. Blank texts, NaN and the key 0 are missing values. Give rows values, or train without the column.";
        Assert.AreEqual(Condition, Refused(() => t.Denoiser("Point", "Cloud", Points.Options(1)).Fit(blank)));
        const string Labels = "None of the 20 rows of the training data has a value in column 'Cloud'. Blank texts, NaN and the key 0 are missing values. Give rows values.";
        Assert.AreEqual(Labels, Refused(() => t.NoisyClassifier("Point", "Cloud", new() { Steps = 1 }).Fit(blank)));
        Assert.AreEqual(Labels, Refused(() => t.Contrastive("Point", "Cloud", new() { Steps = 1 }).Fit(blank)));
        Assert.StartsWith("The only row of the training data does not have a value in the condition column 'Cloud'", Refused(() => t.Denoiser("Point", "Cloud", Points.Options(1)).Fit(Scheduled(["left", "right"], Blank(1)))));
    }

    [TestMethod]
    public void Fit_MappingOfBlankLabels_SaysThatItsKeyStandsForNothing()
    {
        var d = _ml.Diffusion();
        var rows = _ml.Data.LoadFromEnumerable(Blank(20));
        var view = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(rows).Transform(rows);
        var blank = d.Transforms.NoiseSchedule("Point").Fit(view).Transform(view);
        Assert.Contains("None of the 20 rows of the training data has a value in the condition column 'Cloud'", Refused(() => d.Trainers.Denoiser("Point", "Cloud", Points.Options(1)).Fit(blank)));
        Assert.Contains("Column 'Cloud' has a single key, which stands for no value", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => d.Trainers.NoisyClassifier("Point", "Cloud").Fit(blank)).Message);
        using var model = d.Trainers.Denoiser("Point", "Cloud", Points.Options(1)).Fit(Scheduled(["left", "right"], Points.Rows(20)));
        Assert.Contains("A single key that stands for no value is what MapValueToKey makes where all of the rows that it is fitted on are blank.", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Transform(blank)).Message);
    }

    [TestMethod]
    public void Fit_StartFrom_UnknownValuesAreTakenAsTheOptionSays()
    {
        var d = _ml.Diffusion();
        using var first = d.Trainers.Denoiser("Point", "Cloud", Points.Options(1)).Fit(Scheduled(["left", "right"], Points.Rows(20)));
        PointRow[] rows = [.. Points.Rows(20)];
        rows[3].Cloud = "up";
        var more = Scheduled(["up", "right", "left"], rows);
        var options = Points.Options(1);
        options.StartFrom = first;
        Assert.Contains("DropInvalidRows, take such values for missing, by the option UnknownValues = UnknownValues.Warn or Ignore", Assert.ThrowsExactly<ArgumentException>(() => d.Trainers.Denoiser("Point", "Cloud", options).Fit(more)).Message);
        options.UnknownValues = UnknownValues.Ignore;
        Check();
        Assert.IsEmpty(_warnings);
        options.UnknownValues = UnknownValues.Warn;
        Check();
        Assert.Contains("Row 3, column 'Cloud': the value 'up' is none of the 2 that the model was trained with: 'left', 'right'", _warnings.Single());
        _warnings.Clear();
        (options.UnknownValues, options.DropInvalidRows) = (UnknownValues.Error, true);
        Check();
        Assert.Contains("1 row is left out", _warnings.Single());
        _warnings.Clear();
        // To go on from a model with rows that have no label is legal.
        d.Trainers.Denoiser("Point", "Cloud", options).Fit(Scheduled(["left", "right"], Blank(20))).Dispose();
        Assert.Contains("of it the model keeps what it knew before", _warnings.Single());

        void Check()
        {
            using var tuned = d.Trainers.Denoiser("Point", "Cloud", options).Fit(more);
            Assert.AreSequenceEqual(new[] { "left", "right" }, d.ListClasses(tuned));
        }
    }

    [TestMethod]
    public void Fit_ColumnOfTheSourcesNameBehindTheKeys_UnknownsAreStillTold()
    {
        PointRow[] rows = [.. Points.Rows(20)];
        rows[7].Cloud = "lef";
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Key", "Cloud").Append(_ml.Transforms.Text.TokenizeIntoWords("Words", "Cloud")).Append(_ml.Transforms.Text.NormalizeText("Cloud", "Cloud"))
            .Append(_ml.Transforms.CopyColumns("Other", "Key")).Append(_ml.Diffusion().Transforms.NoiseSchedule("Point")).Fit(Points.Load(_ml, 20));
        var e = Assert.ThrowsExactly<UnknownValueException>(() => _ml.Diffusion().Trainers.Denoiser("Point", "Other", Points.Options(1)).Fit(mapping.Transform(_ml.Data.LoadFromEnumerable(rows))));
        Assert.StartsWith("Row 7 of the training data, column 'Other': the value 'lef' is none of the 2", e.Message);
    }

    [TestMethod]
    public void Fit_MisnamedCondition_TheNearestColumnIsNamedFirstAndEachOnce()
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Diffusion().Trainers.Denoiser("Point", "Clowd", Points.Options(1)).Fit(Scheduled(["left", "right"], Points.Rows(20))));
        Assert.Contains("Could not find input column 'Clowd'; the columns are: 'Cloud', ", e.Message);
        Assert.HasCount(2, e.Message.Split("'Cloud'"));
    }

    private static string Refused(Action fit) => Assert.ThrowsExactly<InvalidOperationException>(fit).Message;

    private static IEnumerable<PointRow> Blank(int count) => Points.Rows(count).Select(row => new PointRow { Point = row.Point });

    private IDataView Scheduled(string[] classes, IEnumerable<PointRow> rows)
    {
        var keys = _ml.Data.LoadFromEnumerable(classes.Select(value => new { Value = value }));
        var view = _ml.Data.LoadFromEnumerable(rows.ToArray());
        return _ml.Transforms.Conversion.MapValueToKey("Cloud", keyData: keys).Append(_ml.Diffusion().Transforms.NoiseSchedule("Point")).Fit(view).Transform(view);
    }
}
