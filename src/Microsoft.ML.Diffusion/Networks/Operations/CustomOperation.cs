using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// An operation that the vocabulary does not have, for a network of one's own: sizes and parameters before tensors exist, and the computation in torch. Gradients are torch's own.
/// </summary>
/// <remarks>Thread safe. It has to do the same for the same sizes, and must not change its inputs.</remarks>
public abstract class CustomOperation
{
    /// <summary>The parameters that it asks for; none unless overridden. Names are unique within the network.</summary>
    public virtual IReadOnlyList<NetworkParameter> Parameters => [];

    /// <summary>The sizes of the result.</summary>
    /// <param name="inputs">The sizes of each input, the batch's first.</param>
    /// <exception cref="ArgumentException">The inputs do not fit; says why.</exception>
    public abstract int[] SizesOf(IReadOnlyList<CustomInput> inputs);

    /// <summary>The result: a fresh tensor, of the type of the first input.</summary>
    /// <param name="inputs">The inputs; not to be disposed or changed.</param>
    /// <param name="parameters">The parameters in the order of <see cref="Parameters"/>; not to be disposed or changed.</param>
    public abstract Tensor Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> parameters);

    /// <summary>The result, where native things belong to the parameters.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="copies">What is freed with the parameters.</param>
    internal virtual Tensor Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> parameters, NativeCopies copies) => Run(inputs, parameters);
}

/// <summary>An input of a <see cref="CustomOperation"/> before it exists.</summary>
/// <param name="Sizes">Its sizes, the batch's first.</param>
/// <param name="IsIndex">Whether it holds whole numbers (Int64), such as classes; else real ones.</param>
public readonly record struct CustomInput(IReadOnlyList<int> Sizes, bool IsIndex);
