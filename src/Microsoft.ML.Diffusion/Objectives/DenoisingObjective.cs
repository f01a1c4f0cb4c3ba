using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The denoising loss: the mean squared error between the network's answer F and its target <c>F* = (x0 − skip·x)/out</c>, each
/// level with the same weight in units of the target.
/// </summary>
/// <remarks>
/// <para>
/// In these units the one formula is several papers' losses: L_simple of Ho et al. 2020 (arXiv:2006.11239, eq. 14) with the
/// ε-parameterization; the loss of Karras et al. 2022 (arXiv:2206.00364, eq. 8 with λ(σ) = 1/c_out²) with EDM's; plain
/// regression on the data with x0's; that of Salimans and Ho 2022 (arXiv:2202.00512, "SNR+1" weighting) with v's.
/// </para>
/// <para>Immutable and thread safe.</para>
/// </remarks>
/// <param name="parameterization">What the network predicts.</param>
public sealed class DenoisingObjective(Parameterization parameterization)
{
    /// <summary>What the network predicts.</summary>
    public Parameterization Parameterization { get; } = parameterization ?? throw new ArgumentNullException(nameof(parameterization));

    /// <summary>The loss of a batch, a Float32 scalar through which gradients flow: a fresh tensor.</summary>
    /// <param name="answer">The network's answer F [B, ...] for the input in·x.</param>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="x0">The clean batch x0 [B, ...].</param>
    /// <param name="levels">The level of each row.</param>
    /// <exception cref="ArgumentException">Answer, x and x0 differ in shape.</exception>
    public Tensor Loss(Tensor answer, Tensor x, Tensor x0, NoiseLevels levels)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(x0);
        ArgumentNullException.ThrowIfNull(levels);
        // An error inside libtorch's autograd would end the process: refuse before.
        if (!answer.shape.AsSpan().SequenceEqual(x0.shape) || !x.shape.AsSpan().SequenceEqual(x0.shape))
            throw new ArgumentException($"The answer [{string.Join(", ", answer.shape)}], x [{string.Join(", ", x.shape)}] and x0 [{string.Join(", ", x0.shape)}] must have one shape.", nameof(answer));
        using var target = Parameterization.Target(x, x0, levels);
        if (answer.dtype == ScalarType.Float32)
            return F.mse_loss(answer, target);
        using var single = answer.to(ScalarType.Float32);
        return F.mse_loss(single, target);
    }
}
