using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Recorded probes as normal numbers: those of all rows, or one row that all share.</summary>
internal sealed class FixedProbe(double[] values) : INoiseSource
{
    public Tensor Normal(int draw, Tensor like)
    {
        using var recorded = tensor(values);
        using var rows = recorded.view(-1, like.size(1));
        return rows.expand(like.shape).clone();
    }

    public Tensor Uniform(int draw, Tensor like) => throw new NotSupportedException("Only probes were recorded.");
}
