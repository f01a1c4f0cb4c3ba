using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The mode of a program's thread in which libtorch records nothing for gradients, and makes tensors that no gradient ever passes.</summary>
internal static class InferenceMode
{
    /// <summary>Leaves the mode, where the thread is in it, until the result is disposed: for what needs gradients, and for weights that may be learned or guided with elsewhere.</summary>
    public static IDisposable? Leave() => is_inference_mode_enabled() ? inference_mode(false) : null;
}
