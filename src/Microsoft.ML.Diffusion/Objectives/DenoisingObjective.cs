using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The denoising loss: the mean squared error between the network's answer F and its target <c>F* = (x0 − skip·x)/out</c>, each
/// level with its weight; with the same weight in units of the target unless another is given.
/// </summary>
/// <remarks>
/// <para>
/// In these units the one formula is several papers' losses: L_simple of Ho et al. 2020 (arXiv:2006.11239, eq. 14) with the
/// ε-parameterization; the loss of Karras et al. 2022 (arXiv:2206.00364, eq. 8 with λ(σ) = 1/c_out²) with EDM's; plain
/// regression on the data with x0's; that of Salimans and Ho 2022 (arXiv:2202.00512, "SNR+1" weighting) with v's; conditional flow
/// matching (Lipman et al. 2023, arXiv:2210.02747, eq. 9) with the velocity's.
/// </para>
/// <para>Immutable and thread safe.</para>
/// </remarks>
/// <param name="parameterization">What the network predicts.</param>
/// <param name="weight">How much each level counts; <see cref="KnownLossWeights.Uniform"/> unless given.</param>
public sealed class DenoisingObjective(Parameterization parameterization, LossWeight? weight = null)
{
    /// <summary>What the network predicts.</summary>
    public Parameterization Parameterization { get; } = parameterization ?? throw new ArgumentNullException(nameof(parameterization));

    /// <summary>How much each level counts.</summary>
    public LossWeight Weight { get; } = weight ?? KnownLossWeights.Uniform;

    /// <summary>The loss of a batch, the mean over its rows: a scalar of the type of x0 through which gradients flow, a fresh tensor.</summary>
    /// <param name="answer">The network's answer F [B, ...] for the input in·x.</param>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="x0">The clean batch x0 [B, ...].</param>
    /// <param name="levels">The level of each row.</param>
    /// <exception cref="ArgumentException">Answer, x and x0 differ in shape, or the levels are not as many as the rows.</exception>
    public Tensor Loss(Tensor answer, Tensor x, Tensor x0, NoiseLevels levels)
    {
        if (CountAlike(levels))
            return SquaredError(answer, x, x0, levels, nn.Reduction.Mean);
        using var rows = LossOfRows(answer, x, x0, levels);
        return rows.mean();
    }

    /// <summary>The loss of each row, the weighted mean over its values: [B] of the type of x0, through which gradients flow, a fresh tensor.</summary>
    /// <inheritdoc cref="Loss" path="/param"/>
    /// <inheritdoc cref="Loss" path="/exception"/>
    public Tensor LossOfRows(Tensor answer, Tensor x, Tensor x0, NoiseLevels levels)
    {
        using var squares = SquaredError(answer, x, x0, levels, nn.Reduction.None);
        using var flat = squares.reshape(squares.size(0), -1);
        using var means = flat.mean([1]);
        return levels.Multiply(means, level => Weight.OnTarget(level, Parameterization));
    }

    // Whether all weights are 1, which spares work and rounding.
    private bool CountAlike(NoiseLevels levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        for (int i = 0; i < levels.Count; i++)
            if (Weight.OnTarget(levels[i], Parameterization) != 1)
                return false;
        return true;
    }

    private Tensor SquaredError(Tensor answer, Tensor x, Tensor x0, NoiseLevels levels, nn.Reduction reduction)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(x0);
        ArgumentNullException.ThrowIfNull(levels);
        // An error inside libtorch's autograd would end the process: refuse before.
        if (!answer.shape.AsSpan().SequenceEqual(x0.shape) || !x.shape.AsSpan().SequenceEqual(x0.shape))
            throw new ArgumentException($"The answer [{string.Join(", ", answer.shape)}], x [{string.Join(", ", x.shape)}] and x0 [{string.Join(", ", x0.shape)}] must have one shape.", nameof(answer));
        using var target = Parameterization.Target(x, x0, levels);
        if (answer.dtype == target.dtype)
            return F.mse_loss(answer, target, reduction);
        using var cast = answer.to(target.dtype);
        return F.mse_loss(cast, target, reduction);
    }
}
