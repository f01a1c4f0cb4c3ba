using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Bends a denoiser towards what is wanted: denoiser in, denoiser out, so guidances stack.</summary>
/// <remarks>Immutable and thread safe; holds shares of its networks, which whoever made it gives back.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ClassifierFreeGuidance), "classifier-free")]
[JsonDerivedType(typeof(CompositionGuidance), "composition")]
[JsonDerivedType(typeof(ClassifierGuidance), "classifier")]
[JsonDerivedType(typeof(ClipGuidance), "clip")]
[JsonDerivedType(typeof(Autoguidance), "autoguidance")]
[JsonDerivedType(typeof(IntervalGuidance), "interval")]
[JsonDerivedType(typeof(UniversalGuidance), "universal")]
public interface IGuidance
{
    /// <summary>How often each step of a sampling run is taken while this guides (<see cref="RecurrentSolver"/>); 1 where a guidance is content with one.</summary>
    [JsonIgnore]
    int Recurrence => 1;

    /// <summary>The networks that it asks beside the denoiser, each as often as it holds a share.</summary>
    [JsonIgnore]
    IEnumerable<TrainedNetwork> Networks => [];

    /// <summary>
    /// The conditions that it leaves out of rows, one list for each way in which it asks the model: a model that never saw such rows in training has learned nothing to answer them with (condition
    /// dropout). None where it asks for rows as they are.
    /// </summary>
    /// <param name="conditions">The names of the model's conditions.</param>
    IEnumerable<IReadOnlyList<string>> LeftOut(IReadOnlyList<string> conditions) => [];

    /// <summary>The TorchScript that it calls.</summary>
    [JsonIgnore]
    internal IEnumerable<TorchScriptFunction> Scripts => [];

    /// <summary>What rows may give the guidance, such as a scale of their own: slots behind those of the network and of the guidances before.</summary>
    /// <param name="shape">The shape of a sample of the model that it guides.</param>
    /// <param name="conditions">The conditions of the model's network.</param>
    /// <returns>The inputs, in the order of their slots, each under a name of its own.</returns>
    /// <exception cref="ArgumentException">The guidance does not fit the model; says why.</exception>
    IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions);

    /// <summary>The guided denoiser. It asks the given one, which it does not own, and hands it all conditions.</summary>
    /// <param name="denoiser">The denoiser to guide.</param>
    /// <param name="firstSlot">
    /// The slot of the condition layout (<see cref="Conditioning.Layout"/>) that holds its first input; the others follow. Where the layout has no guidance's input there, the guidance's
    /// defaults hold for every row.
    /// </param>
    IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0);
}
