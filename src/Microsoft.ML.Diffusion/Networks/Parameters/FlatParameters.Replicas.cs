using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <content>The same weights for several threads, whose backward passes run at once.</content>
public sealed partial class FlatParameters
{
    private readonly bool _isReplica;

    private FlatParameters(FlatParameters whole)
    {
        Inventory = whole.Inventory;
        (Precision, Device, Count) = (whole.Precision, whole.Device, whole.Count);
        (Length, TrainedLength) = (whole.Length, whole.TrainedLength);
        (Master, Trained, _working, _offsets) = (whole.Master, whole.Trained, whole._working, whole._offsets);
        Copies = new NativeCopies();
        _isReplica = true;
        using var noGrad = no_grad();
        _workingGradients = Flat(_working.dtype, TrainedLength);
        _views = [.. Enumerable.Range(0, Inventory.Count).Select(View)];
    }

    /// <summary>
    /// The same weights with gradients of their own, in the working precision, for a thread of its own. Disposing it releases the gradients alone; it is used while this lives.
    /// </summary>
    /// <exception cref="InvalidOperationException">These parameters are not trainable.</exception>
    internal FlatParameters Replica() => _gradients is not null && !_isPart ? new(this) : throw NotTrainable();

    /// <summary>Makes what backward passes have added here and to replicas visible in <see cref="Gradients"/>: the sum in the order of the replicas, in Float32.</summary>
    /// <param name="replicas">The replicas.</param>
    /// <exception cref="InvalidOperationException">Not trainable; or something replaced the gradients, as a backward pass with create_graph does.</exception>
    internal void CollectGradientsOf(IReadOnlyList<FlatParameters> replicas)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        CollectGradients();
        foreach (var replica in replicas)
        {
            replica.CheckGradientStorage();
            _gradients!.PlusInPlace(replica._workingGradients!);
        }
    }
}
