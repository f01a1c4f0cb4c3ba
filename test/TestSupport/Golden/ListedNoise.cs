using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Recorded draws in the order in which a run asks for them.</summary>
public sealed class ListedNoise(IEnumerable<JsonElement> normals, IEnumerable<JsonElement> uniforms) : INoiseSource
{
    private readonly Queue<JsonElement> _normals = new(normals);
    private readonly Queue<JsonElement> _uniforms = new(uniforms);

    public Tensor Normal(int draw, Tensor like) => Next(_normals, like);

    public Tensor Uniform(int draw, Tensor like) => Next(_uniforms, like);

    private static Tensor Next(Queue<JsonElement> draws, Tensor like) => tensor(draws.Dequeue().Numbers(), like.shape);
}
