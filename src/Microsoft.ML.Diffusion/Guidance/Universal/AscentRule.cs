using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>How backward guidance climbs: what a step does with a gradient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(GradientAscent), "gradient")]
[JsonDerivedType(typeof(AdamAscent), "adam")]
public abstract class AscentRule
{
    /// <summary>Begins a climb.</summary>
    internal abstract IAscent Begin();
}
