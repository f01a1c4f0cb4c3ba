using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) ≈ x·Φ(x) (Hendrycks and Gimpel 2016, arXiv:1606.08415), in one pass, and one pass backwards.</summary>
/// <remarks>TorchSharp binds the exact function alone: TorchScript reaches this one.</remarks>
internal static class TanhGelu
{
    // Compiled once a process: it holds code, no state.
    private static readonly Lazy<jit.CompilationUnit> Kernel = new(() => jit.compile("""
        def fresh(x):
            return torch.gelu(x, approximate="tanh")

        def overwrite(x):
            return torch.gelu_(x, approximate="tanh")

        """));

    /// <summary>The function's values, a fresh tensor.</summary>
    public static Tensor Of(Tensor x) => (Tensor)Kernel.Value.invoke("fresh", x);

    /// <summary>Writes the function's values over x.</summary>
    public static void Overwrite(Tensor x) => ((Tensor)Kernel.Value.invoke("overwrite", x)).Dispose();
}
