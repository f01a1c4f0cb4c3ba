using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The networks of which a transformer holds a share, given back once.</summary>
/// <param name="networks">The networks; their shares are taken over.</param>
internal sealed class OwnedNetworks(params IEnumerable<TrainedNetwork> networks) : IDisposable
{
    private readonly TrainedNetwork[] _networks = [.. networks];
    private int _disposed;

    /// <summary>Where their weights are; the CPU where there are none.</summary>
    public Device Device { get; } = networks.FirstOrDefault()?.Parameters.Device ?? CPU;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        foreach (var network in _networks)
            network.Dispose();
    }
}
