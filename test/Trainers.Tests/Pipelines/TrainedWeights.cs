using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>A fingerprint of a trained model: its answer to fixed questions, exact to the last bit.</summary>
internal static class TrainedWeights
{
    public static float[] Of(DenoiserTransformer model)
    {
        var spec = model.Spec;
        using var noGrad = no_grad();
        var noise = new float[16 * spec.Shape.Size];
        RowNoise.FillNormal(noise, 5, new RowKey(1), 0);
        using var x = tensor(noise, spec.Shape.Batch(16));
        var packed = new float[16 * spec.Conditions.Width];
        for (int i = 0; i < 16; i++)
            spec.Conditions.WriteMissing(packed.AsSpan(i * spec.Conditions.Width));
        using var conditions = spec.Conditions.Width == 0 ? null : tensor(packed, [16, spec.Conditions.Width]);
        using var answer = model.Model.Denoiser.Denoise(x, new StepContext(NoiseLevel.FromRatio(1)), new Conditioning(spec.Conditions, conditions)).X0;
        return [.. answer.data<float>()];
    }
}
