using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How gradients move the weights. Weight decay is decoupled from the gradient in all of them, and an option of the trainer.</summary>
/// <remarks>Immutable and thread safe. A new one is one class with the kernel over flat buffers, and one line in the list of kinds below.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AdamW), "adamw")]
[JsonDerivedType(typeof(Sgd), "sgd")]
[JsonDerivedType(typeof(Sgld), "sgld")]
public abstract class Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>An optimizer with nothing to remember yet.</summary>
    /// <param name="task">What it works on.</param>
    internal abstract FlatOptimizer Start(OptimizerTask task);
}
