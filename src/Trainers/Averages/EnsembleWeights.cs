using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The weights that a run has set aside for an ensemble so far.</summary>
internal sealed class EnsembleWeights : IDisposable
{
    private readonly WeightEnsemble _options;
    private readonly Tensor[] _members;
    // A tensor, as all that checkpoints keep.
    private readonly Tensor _taken;

    public EnsembleWeights(WeightEnsemble options, Tensor weights)
    {
        _options = options;
        _members = [.. Enumerable.Range(0, options.Members - 1).Select(_ => zeros_like(weights).DetachFromDisposeScope())];
        _taken = zeros(1, ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>What a checkpoint keeps.</summary>
    public IEnumerable<(string Name, Tensor Values)> State => [("members taken", _taken), .. _members.Select((member, i) => ($"member {i}", member))];

    /// <summary>The members that were taken.</summary>
    public IEnumerable<Tensor> Taken => _members.Take(Count);

    private int Count => (int)_taken.item<float>();

    /// <summary>Takes the weights where one is due.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="fraction">How much of the run is done.</param>
    public void Follow(Tensor weights, double fraction)
    {
        int count = Count;
        if (count >= _options.DueAt(fraction))
            return;
        _members[count].copy_(weights);
        MemoryMarshal.Cast<byte, float>(_taken.bytes)[0] = count + 1;
    }

    public void Dispose()
    {
        _taken.Dispose();
        foreach (var member in _members)
            member.Dispose();
    }
}
