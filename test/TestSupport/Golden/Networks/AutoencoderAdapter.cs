using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>AutoencoderKL and VQModel of diffusers.</summary>
public sealed class AutoencoderAdapter : NetworkAdapter
{
    protected override bool TryRun(NetworkGolden golden, GoldenComparison comparison)
    {
        if (golden.Repository != "huggingface/diffusers" || golden.Architecture is not (AutoencoderConfig.Kl or AutoencoderConfig.Vq))
            return false;
        using var scope = NewDisposeScope();
        var autoencoder = AutoencoderConfig.Read(new DiffusersOptions(golden.Config, "config"), golden.Architecture);
        var x = golden.Input("sample");
        // Pictures may come back with other channels.
        int channels = golden.Config.Whole("out_channels", 3);
        using var run = new NetworkRun(golden, NetworkProgram.Trace(
            ops => autoencoder.Decode(ops, autoencoder.Latents(ops, autoencoder.Encode(ops, ShapeOps.Input(ValueKind.Full, golden.Sizes("sample")))), channels)).Parameters);
        var encoded = Run(x, autoencoder.Encode, autoencoder.Encode);
        if (autoencoder is VqAutoencoder vq)
            CompareCodes(vq, encoded);
        else
            Compare(encoded);
        return true;

        void Compare(Tensor moments)
        {
            using var gaussian = new LatentGaussian(moments);
            golden.Compare(comparison, "mean", gaussian.Mean);
            golden.Compare(comparison, "logvar", gaussian.LogVariance);
            golden.Compare(comparison, "kl", gaussian.Divergence());
            golden.Compare(comparison, "decoded_from_mode", Decoded(gaussian.Mean));
        }

        void CompareCodes(VqAutoencoder vq, Tensor latents)
        {
            golden.Compare(comparison, "latents", latents);
            golden.Compare(comparison, "quantized", Run(latents, vq.Quantize, vq.Quantize));
            golden.Compare(comparison, "indices", Run(latents, vq.Nearest, vq.Nearest).flatten());
            golden.Compare(comparison, "commit_loss", Run(latents, (ops, z) => vq.QuantizationLoss(ops, z), (ops, z) => vq.QuantizationLoss(ops, z)).mean().reshape(1));
            golden.Compare(comparison, "decoded", Decoded(latents));
        }

        Tensor Decoded(Tensor latents) => Run(latents, (ops, z) => autoencoder.Decode(ops, z, channels), (ops, z) => autoencoder.Decode(ops, z, channels));

        Tensor Run(Tensor input, Func<ShapeOps, ShapeValue, ShapeValue> sizes, Func<TorchOps, TorchValue, TorchValue> tensors) => run.Answer(
            NetworkProgram.Trace(ops => sizes(ops, ShapeOps.Input(ValueKind.Full, [.. input.shape.Select(size => (int)size)])), run.Inventory), ops => tensors(ops, TorchOps.Input(input.detach())));
    }
}
