using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How gradients move the weights. Weight decay is decoupled from the gradient in all of them, and an option of the trainer.</summary>
/// <remarks>Immutable and thread safe. A new one is one class with the kernel over flat buffers, and one line in the list of kinds below.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AdamW), "adamw")]
[JsonDerivedType(typeof(Sgd), "sgd")]
public abstract class Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>An optimizer with nothing to remember yet.</summary>
    /// <param name="parameters">The flat parameters [N], Float32, updated in place.</param>
    /// <param name="gradients">The flat gradients [N], Float32.</param>
    /// <param name="weightDecay">How much of each parameter decays per step, in units of the learning rate.</param>
    internal abstract FlatOptimizer Start(Tensor parameters, Tensor gradients, double weightDecay);
}
