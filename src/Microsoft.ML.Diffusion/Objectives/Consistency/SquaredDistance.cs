using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The mean square of the difference.</summary>
public sealed class SquaredDistance : ConsistencyDistance
{
    /// <inheritdoc/>
    public override Tensor OfRows(Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        using var difference = a.Minus(b);
        using var values = difference.Squared();
        using var flat = values.flatten(1);
        return flat.mean([1]);
    }
}
