using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Pictures as ML.NET's own transforms make them: read where they are right, refused with the cure where they are not.</summary>
[TestClass]
public sealed class PictureLayoutTests
{
    private readonly MLContext _ml = new(1);

    // The chain that ML.NET's users have: it also shows that the SkiaSharp that is used suits ML.NET's binaries, which are compiled against an older one.
    [TestMethod]
    public void Fit_ExtractPixels_IsReadChannelByChannel()
    {
        using var folder = new TemporaryFolder();
        var data = Pixels(folder, interleave: false);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3, 6, 8), data.Schema["Pixels"].Type);
        float[] pixels = data.GetColumn<float[]>("Pixels").First();
        Assert.AreSequenceEqual(new[] { 200f, 100, 50 }, new[] { pixels[0], pixels[48], pixels[96] });
        Assert.AreEqual(new DataShape(3, 6, 8), _ml.Diffusion().Transforms.NoiseSchedule("Pixels").Fit(data).Info.Shape);
    }

    [TestMethod]
    public void Fit_Interleaved_IsRefusedWithTheCure_Everywhere()
    {
        using var folder = new TemporaryFolder();
        var d = _ml.Diffusion();
        var right = Pixels(folder, interleave: false);
        var wrong = Pixels(folder, interleave: true);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 6, 8, 3), wrong.Schema["Pixels"].Type);
        var scheduled = d.Transforms.NoiseSchedule("Pixels").Append(new TestDenoiser(_ml, "Pixels")).Fit(right);
        // The denoiser rides on the right pictures; what is edited are the wrong ones.
        var both = scheduled.Transform(Both(folder));

        Refused(() => d.Transforms.NoiseSchedule("Pixels").Fit(wrong), "the training data");
        Refused(() => d.Transforms.NoiseSchedule("Pixels", options: new() { ImageShape = (3, 6, 8) }).Fit(wrong), "the training data, whose shape is said");
        Refused(() => scheduled.Transform(wrong), "the data of a fitted model");
        Refused(() => ConditionPacker.LayoutOf(wrong, ["Pixels"], new DataShape(3, 6, 8)), "conditions");
        Refused(() => d.Transforms.ImageToImage("Out", "Wrong", new() { Steps = 2 }).Fit(both).Transform(both), "an edit");
        Refused(() => d.Transforms.Inpaint("Out", "Pixels", "Wrong", new() { Steps = 2 }).Fit(both).Transform(both), "a mask");
        Refused(() => d.Transforms.Invert("Out", "Wrong", new() { Steps = 2 }).Fit(both).Transform(both), "an inversion");
        Refused(() => d.Transforms.LogLikelihood("Score", "Wrong").Fit(both).Transform(both), "a likelihood");
        Refused(() => d.Images.SaveGrid(wrong, "Pixels", folder.File("grid.png")), "a sheet");
        Refused(() => _ = d.Images.ToPng(wrong, "Pixels").ToArray(), "bytes");
        Assert.IsFalse(File.Exists(Path.Combine(folder.Root, "grid.png")));

        // Who has such pictures says so.
        Assert.AreEqual(new DataShape(6, 8, 3), d.Transforms.NoiseSchedule("Pixels", options: new() { ImageShape = (6, 8, 3) }).Fit(wrong).Info.Shape);
    }

    [TestMethod]
    public void Fit_RawPictures_AreRefusedWithTheCure_Everywhere()
    {
        using var folder = new TemporaryFolder();
        var d = _ml.Diffusion();
        var raw = Loaded(folder);
        var data = Both(folder);
        var model = d.Transforms.NoiseSchedule("Pixels").Append(new TestDenoiser(_ml, "Pixels")).Fit(data);
        var ready = model.Transform(data);
        foreach (var (action, what) in new (Action, string)[]
            {
                (() => d.Transforms.NoiseSchedule("Picture").Fit(raw), "the training data"),
                (() => d.Transforms.NoiseSchedule("Picture").GetOutputSchema(SchemaShapes(raw)), "a pipeline that is put together"),
                (() => ConditionPacker.LayoutOf(raw, ["Picture"], new DataShape(3, 6, 8)), "conditions"),
                (() => ConditionPacker.Check(SchemaShapes(raw), ["Picture"]), "conditions of a pipeline that is put together"),
                (() => d.Transforms.ImageToImage("Out", "Picture", new() { Steps = 2 }).Fit(ready), "an edit"),
                (() => d.Transforms.Inpaint("Out", "Pixels", "Picture", new() { Steps = 2 }).Fit(ready), "a mask"),
                (() => d.Transforms.LogLikelihood("Score", "Picture").Fit(ready), "a likelihood"),
                (() => d.Images.SaveGrid(raw, "Picture", folder.File("grid.png")), "a sheet"),
            })
        {
            string message = Assert.Throws<ArgumentException>(action, what).Message;
            Assert.Contains("ml.Transforms.ExtractPixels(\"Picture\", interleavePixelColors: false)", message, what);
        }
    }

    private static void Refused(Action action, string what)
        => Assert.Contains("interleavePixelColors: false", Assert.Throws<ArgumentException>(action, what).Message, what);

    private static SchemaShape SchemaShapes(IDataView data) => Shapes.Of(data.Schema);

    private IDataView Loaded(TemporaryFolder folder)
    {
        TestPictures.Plain(folder.File("a.png"), 16, 12, new(200, 100, 50));
        TestPictures.Plain(folder.File("b.png"), 16, 12, new(20, 10, 5));
        var files = _ml.Data.LoadFromEnumerable([new { Path = "a.png" }, new { Path = "b.png" }]);
        return _ml.Transforms.LoadImages("Picture", folder.Root, "Path").Append(_ml.Transforms.ResizeImages("Picture", 8, 6)).Fit(files).Transform(files);
    }

    private IDataView Pixels(TemporaryFolder folder, bool interleave)
    {
        var raw = Loaded(folder);
        return _ml.Transforms.ExtractPixels("Pixels", "Picture", interleavePixelColors: interleave).Fit(raw).Transform(raw);
    }

    private IDataView Both(TemporaryFolder folder)
    {
        var right = Pixels(folder, interleave: false);
        return _ml.Transforms.ExtractPixels("Wrong", "Picture", interleavePixelColors: true).Fit(right).Transform(right);
    }
}
