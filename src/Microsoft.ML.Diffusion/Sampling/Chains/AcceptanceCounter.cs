using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Counts accepted proposals. The count stays on the device until it is asked for.</summary>
internal sealed class AcceptanceCounter : IDisposable
{
    private Tensor? _accepted;
    private long _proposals;

    /// <summary>The share of proposals accepted; null before the first.</summary>
    public double? Rate => _accepted is null ? null : _accepted.Number() / _proposals;

    /// <summary>Counts a step.</summary>
    /// <param name="accepted">Which rows accepted, of truth values.</param>
    public void Note(Tensor accepted)
    {
        var sum = accepted.sum();
        _proposals += accepted.numel();
        if (_accepted is null)
        {
            _accepted = sum;
            return;
        }
        using (sum)
            _accepted.PlusInPlace(sum);
    }

    public void Dispose() => _accepted?.Dispose();
}
