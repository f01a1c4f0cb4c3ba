using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class OnnxExportTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ConvertToOnnx_TransformersOfThisLibrary_IsRefusedByNameAndWritesNothing(bool othersFollow)
    {
        using var lab = new EditLab();
        var rows = EditRow.Load(lab.Ml, 3);
        ITransformer model = lab.Fit(lab.Transforms.Sampler("Out"));
        if (othersFollow)
            model = model.Append(lab.Ml.Transforms.CopyColumns("Copy", "Out").Fit(model.Transform(rows)));
        using var file = new MemoryStream();
        string ofData = Assert.ThrowsExactly<NotSupportedException>(() => lab.Ml.Model.ConvertToOnnx(model, rows, file)).Message;
        Assert.Contains("SamplerTransformer of Microsoft.ML.Diffusion can not be exported to ONNX yet", ofData);
        // Of the columns that are asked for, none is made here: the model would be one of names only.
        Assert.ThrowsExactly<NotSupportedException>(() => lab.Ml.Model.ConvertToOnnx(model, rows, file, rows.Schema[0].Name));
        Assert.AreEqual(0, file.Length);
    }

    [TestMethod]
    public void Transform_ForMlNetATransform_IsReadAndCachedAsOther()
    {
        using var lab = new EditLab();
        var view = lab.Fit(lab.Transforms.Sampler("Out")).Transform(EditRow.Load(lab.Ml, 3));
        float[][] expected = ViewChecks.Vectors(view, "Out");
        EditLab.AssertSame(expected, ViewChecks.Vectors(lab.Ml.Data.Cache(view), "Out"));
        EditLab.AssertSame(expected[1..], ViewChecks.Vectors(lab.Ml.Data.SkipRows(view, 1), "Out"));
        using var file = new MemoryStream();
        lab.Ml.Data.SaveAsBinary(lab.Ml.Transforms.SelectColumns("Out").Fit(view).Transform(view), file);
        Assert.IsGreaterThan(0, file.Length);
    }
}
