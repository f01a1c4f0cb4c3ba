using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Plain steps along the gradient, as universal guidance is published.</summary>
public sealed class GradientAscent : AscentRule
{
    internal override IAscent Begin() => new Climb();

    private sealed class Climb : IAscent
    {
        public Tensor Next(Tensor gradient) => gradient.alias();

        public void Dispose()
        {
        }
    }
}
