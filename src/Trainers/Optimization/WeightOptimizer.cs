using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How gradients move the weights. Weight decay is decoupled from the gradient in all of them, and an option of the trainer.</summary>
/// <remarks>Immutable and thread safe. A new one is one class with the kernel over flat buffers, and one line in the list of kinds below.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AdamWOptimizer), "adamw")]
[JsonDerivedType(typeof(SgdOptimizer), "sgd")]
[JsonDerivedType(typeof(SgldOptimizer), "sgld")]
public abstract class WeightOptimizer
{
    private protected WeightOptimizer()
    {
    }

    /// <summary>An optimizer with nothing to remember yet.</summary>
    /// <param name="task">What it works on.</param>
    internal abstract FlatOptimizer Start(OptimizerTask task);
}
