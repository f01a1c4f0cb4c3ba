using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>One denoiser, to which edits and samplers are fitted: conditional and guided, with random weights.</summary>
internal sealed class EditLab : IDisposable
{
    private readonly TransformerChain<GuidanceTransformer> _denoiser;

    public EditLab()
    {
        var pipeline = TestPipelines.Denoiser(Ml).Append(Ml.Diffusion().Transforms.ClassifierFreeGuidance(scale: 2, scaleColumn: "Strength"));
        _denoiser = pipeline.Fit(EditRow.Load(Ml, 10));
    }

    public MLContext Ml { get; } = new(1);

    public DiffusionTransformsCatalog Transforms => Ml.Diffusion().Transforms;

    /// <summary>The whole model behind rows.</summary>
    public ITransformer Fit(IEstimator<ITransformer> edit)
    {
        var view = _denoiser.Transform(EditRow.Load(Ml, 10));
        return new TransformerChain<ITransformer>(_denoiser, edit.Fit(view));
    }

    public float[][] Run(IEstimator<ITransformer> edit, IEnumerable<EditRow> rows, string column = "Out") => Run(Fit(edit), rows, column);

    public float[][] Run(ITransformer model, IEnumerable<EditRow> rows, string column = "Out")
        => ViewChecks.Vectors(model.Transform(Ml.Data.LoadFromEnumerable(rows)), column);

    /// <summary>All numbers must agree to a part of their size, or of 1.</summary>
    public static void AssertClose(float[][] expected, float[][] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            for (int j = 0; j < expected[i].Length; j++)
                Assert.AreEqual(expected[i][j], actual[i][j], tolerance * Math.Max(1, Math.Abs(expected[i][j])), $"row {i}, place {j}");
    }

    public static void AssertSame(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreSequenceEqual(expected[i], actual[i], $"row {i}");
    }

    public void Dispose() => _denoiser.Dispose();
}
