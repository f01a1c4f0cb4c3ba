using System.Globalization;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class GuidanceTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Guidance_ScaleOne_IsIdentity()
        => Assert.AreSequenceEqual(Sample(null), Sample(guidance => guidance.ClassifierFreeGuidance(1)));

    [TestMethod]
    public void Guidance_LargerScale_ChangesSamples()
        => Assert.AreNotSequenceEqual(Sample(null), Sample(guidance => guidance.ClassifierFreeGuidance(3)));

    [TestMethod]
    public void Guidance_ScaleColumn_IsEachRowsOwn()
    {
        // Strength of the first four rows: 0, 1, 2, missing.
        string[] scaled = Sample(guidance => guidance.ClassifierFreeGuidance(5, "Strength"));
        for (int row = 0; row < 4; row++)
        {
            double scale = row == 3 ? 5 : row;
            string[] fixedScale = Sample(guidance => guidance.ClassifierFreeGuidance(scale));
            AssertClose(fixedScale[row], scaled[row]);
        }
    }

    [TestMethod]
    public void Guidance_ScaleColumnNotInData_TakesDefault()
    {
        string[] expected = Sample(guidance => guidance.ClassifierFreeGuidance(3));
        string[] actual = Sample(guidance => guidance.ClassifierFreeGuidance(3, "NotThere"));
        for (int row = 0; row < expected.Length; row++)
            AssertClose(expected[row], actual[row]);
    }

    [TestMethod]
    public void Guidance_Packed_HoldsConditionsAndInputs()
    {
        var view = TestPipelines.Conditional(_ml).Fit(Point.Load(_ml, 4)).Transform(Point.Load(_ml, 4));
        var packed = ViewChecks.Vectors(view, "Denoiser");
        Assert.AreSequenceEqual(new float[] { 1, 0 }, packed[0]);
        Assert.AreSequenceEqual(new float[] { 2, 1 }, packed[1]);
        Assert.AreSequenceEqual(new float[] { 1, float.NaN }, packed[3]);
        var layout = DenoiserHandle.Get(view.Schema, "Denoiser").Layout;
        Assert.AreSequenceEqual(new ConditionSlot[] { new ClassCondition("Label", 3) { Values = new Vocabulary(["a", "b", "c"]) }, new GuidanceInput("Scale", 1) }, layout.Slots);
    }

    [TestMethod]
    public void Guidance_UnconditionalModel_IsRefused()
    {
        var pipeline = _ml.Diffusion().Transforms.NoiseSchedule("X").Append(new TestDenoiser(_ml, "X")).Append(_ml.Diffusion().Transforms.ClassifierFreeGuidance());
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(Point.Load(_ml, 4)));
        Assert.Contains("needs a conditional model", e.Message);
    }

    [TestMethod]
    public void Guidance_WrongScaleColumn_IsRefused()
    {
        var pipeline = TestPipelines.Denoiser(_ml).Append(_ml.Diffusion().Transforms.ClassifierFreeGuidance(2, "Seed"));
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(Point.Load(_ml, 4)));
        Assert.Contains("Schema mismatch for input column 'Seed': expected a Single, got Int64", e.Message);
    }

    [TestMethod]
    public void Guidance_ScaleNotFinite_IsRefused()
        => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Diffusion().Transforms.ClassifierFreeGuidance(double.NaN));

    private string[] Sample(Func<DiffusionTransformsCatalog, IEstimator<ITransformer>>? guidance)
    {
        var pipeline = TestPipelines.Denoiser(_ml);
        if (guidance is not null)
            pipeline = pipeline.Append(guidance(_ml.Diffusion().Transforms));
        var model = pipeline.Append(_ml.Diffusion().Transforms.Sampler("Sample", new() { Steps = 2 })).Fit(Point.Load(_ml, 5));
        var view = model.Transform(Point.Load(_ml, 5));
        int sample = view.Schema["Sample"].Index;
        return [.. ViewChecks.Rows(view, index => index == sample, out _)];
    }

    // The blend of both branches is rounded differently where each row has a scale of its own.
    private static void AssertClose(string expected, string actual)
    {
        double[] first = Parse(expected), second = Parse(actual);
        for (int i = 0; i < first.Length; i++)
            Assert.AreEqual(first[i], second[i], Float32Tolerance.OfRun() * Math.Max(1, Math.Abs(first[i])));
    }

    private static double[] Parse(string row) => [.. row.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
}
