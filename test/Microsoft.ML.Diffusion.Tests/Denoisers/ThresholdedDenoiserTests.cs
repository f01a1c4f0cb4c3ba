using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ThresholdedDenoiserTests
{
    // At a clean level the exact denoiser answers with x itself.
    private static readonly StepContext Clean = new(NoiseLevel.Clean);

    [TestMethod]
    public void Clip_ValuesOutside_AreAtTheLimit()
        => AreEqual([0.5, -0.5, 0.25, -0.5], Denoise(ThresholdedDenoiser.Clip(ExactMixture.Denoiser, 0.5), 3, -0.75, 0.25, -0.5));

    [TestMethod]
    public void Dynamic_RowWithinRange_IsUntouched()
    {
        AreEqual([0.5, -0.25, 1, 0], Denoise(ThresholdedDenoiser.Dynamic(ExactMixture.Denoiser), 0.5, -0.25, 1, 0));
    }

    [TestMethod]
    public void Dynamic_RowBeyondRange_IsDividedByItsQuantile()
    {
        // The 0.5-quantile of {1, 3} is 2: 3 is clipped to 2, and all is divided by 2. Of {10, 20} it is 15, limited to 5.
        AreEqual([0.5, -1, 1, -1], Denoise(ThresholdedDenoiser.Dynamic(ExactMixture.Denoiser, 0.5, 5), 1, -3, 10, -20));
    }

    [TestMethod]
    public void Denoise_BothKinds_LeaveNothing()
    {
        using var x = ones(2, 2, dtype: float64);
        TensorLeak.AssertNone(() => ThresholdedDenoiser.Clip(ExactMixture.Denoiser).Denoise(x, Clean, Conditioning.None).X0.Dispose());
        TensorLeak.AssertNone(() => ThresholdedDenoiser.Dynamic(ExactMixture.Denoiser).Denoise(x, Clean, Conditioning.None).X0.Dispose());
    }

    [TestMethod]
    public void Create_IllegalValue_SaysWhatIsAccepted()
    {
        Assert.Contains("positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ThresholdedDenoiser.Clip(ExactMixture.Denoiser, 0)).Message);
        Assert.Contains("(0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ThresholdedDenoiser.Dynamic(ExactMixture.Denoiser, 1.5)).Message);
        Assert.Contains("at least 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ThresholdedDenoiser.Dynamic(ExactMixture.Denoiser, 0.9, 0.5)).Message);
    }

    private static void AreEqual(double[] expected, double[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            // The mixture's arithmetic rounds.
            Assert.AreEqual(expected[i], actual[i], 1e-14);
    }

    private static double[] Denoise(ThresholdedDenoiser denoiser, params double[] values)
    {
        using var x = tensor(values, [2, 2]);
        using var x0 = denoiser.Denoise(x, Clean, Conditioning.None).X0;
        return x0.data<double>().ToArray();
    }
}
