using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Models are loaded for a GPU that no machine has.</summary>
[TestClass]
public sealed class MissingDeviceTests
{
    private const int Missing = 99;

    [TestMethod]
    public void Load_GpuIsMissing_UseSaysSoInOneException()
    {
        using var lab = new EditLab();
        var ml = new MLContext(1) { GpuDeviceId = Missing };
        ITransformer model = Load(ml, lab);
        using var owner = (IDisposable)model;
        var rows = EditRow.Load(ml, 3);
        Assert.AreEqual("Out", model.GetOutputSchema(rows.Schema)["Out"].Name);
        foreach (var use in new Action[] { () => model.Transform(rows), () => ml.Model.CreatePredictionEngine<EditRow, Result>(model) })
        {
            string message = Assert.ThrowsExactly<InvalidOperationException>(use).Message;
            Assert.Contains($"GPU {Missing} was asked for", message);
            Assert.Contains("FallbackToCpu", message);
        }
    }

    [TestMethod]
    public void Load_GpuIsMissingAndCpuMayStandIn_SamplesAreTheSame()
    {
        using var lab = new EditLab();
        var ml = new MLContext(1) { GpuDeviceId = Missing, FallbackToCpu = true };
        ITransformer model = Load(ml, lab);
        using var owner = (IDisposable)model;
        var rows = EditRow.Load(lab.Ml, 3);
        EditLab.AssertSame(ViewChecks.Vectors(lab.Fit(lab.Transforms.Sampler("Out")).Transform(rows), "Out"), ViewChecks.Vectors(model.Transform(rows), "Out"));
    }

    private static ITransformer Load(MLContext ml, EditLab lab)
    {
        using var file = new MemoryStream();
        lab.Ml.Model.Save(lab.Fit(lab.Transforms.Sampler("Out")), EditRow.Load(lab.Ml, 3).Schema, file);
        file.Position = 0;
        return ml.Model.Load(file, out _);
    }

    private sealed class Result
    {
        public float[] Out { get; set; } = [];
    }
}
