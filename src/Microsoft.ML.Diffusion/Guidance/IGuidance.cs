using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Bends a denoiser towards what is wanted: denoiser in, denoiser out, so guidances stack.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ClassifierFreeGuidance), "classifier-free")]
public interface IGuidance
{
    /// <summary>How often each step of a sampling run is taken while this guides (<see cref="RecurrentSolver"/>); 1 where a guidance is content with one.</summary>
    [JsonIgnore]
    int Recurrence => 1;

    /// <summary>The guided denoiser. It asks the given one, which it does not own, and hands it all conditions.</summary>
    /// <param name="denoiser">The denoiser to guide.</param>
    IDenoiser Guide(IDenoiser denoiser);
}
