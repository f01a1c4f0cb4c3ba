using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// What a network predicts, put as the preconditioning of Karras et al. 2022 (arXiv:2206.00364, eq. 7) for any (α, σ):
/// <c>D(x) = skip·x + out·F(in·x)</c>.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(EdmParameterization), "edm")]
[JsonDerivedType(typeof(EpsilonParameterization), "epsilon")]
[JsonDerivedType(typeof(X0Parameterization), "x0")]
[JsonDerivedType(typeof(VParameterization), "v")]
[JsonDerivedType(typeof(ScoreParameterization), "score")]
[JsonDerivedType(typeof(VelocityParameterization), "velocity")]
[JsonDerivedType(typeof(ConsistencyParameterization), "consistency")]
public abstract class Parameterization
{
    /// <summary>The coefficients at a level.</summary>
    /// <param name="level">The noise level.</param>
    /// <exception cref="ArgumentException">The parameterization is not defined at this level; names it and what to use.</exception>
    public abstract Preconditioning At(NoiseLevel level);

    /// <summary>What the network should answer: F* = (x0 − skip·x)/out. A fresh tensor.</summary>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="x0">The clean batch x0 [B, ...].</param>
    /// <param name="levels">The level of each row; out must not be 0.</param>
    public Tensor Target(Tensor x, Tensor x0, NoiseLevels levels)
    {
        using var skipped = levels.Multiply(x, level => At(level).Skip / At(level).Out);
        return levels.Multiply(x0, level => 1 / At(level).Out).MinusInPlace(skipped);
    }

    /// <summary>x̂0 from the network's answer: skip·x + out·F. A fresh tensor.</summary>
    /// <param name="x">The noisy batch x [B, ...].</param>
    /// <param name="answer">The network's answer F [B, ...], for the input in·x.</param>
    /// <param name="levels">The level of each row.</param>
    public Tensor Denoise(Tensor x, Tensor answer, NoiseLevels levels)
    {
        using var scaled = levels.Multiply(answer, level => At(level).Out);
        return levels.Multiply(x, level => At(level).Skip).PlusInPlace(scaled);
    }
}

/// <summary>The coefficients of D(x) = skip·x + out·F(in·x).</summary>
/// <param name="Skip">How much of x goes straight to x̂0.</param>
/// <param name="Out">The factor of the network's answer.</param>
/// <param name="In">The factor of the network's input.</param>
public readonly record struct Preconditioning(double Skip, double Out, double In);
