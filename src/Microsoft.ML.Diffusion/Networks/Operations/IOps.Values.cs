namespace Microsoft.ML.Diffusion;

/// <content>Arithmetic and views.</content>
public partial interface IOps<T>
{
    /// <summary>max(x, 0).</summary>
    /// <param name="x">Any shape.</param>
    T Relu(T x);

    /// <summary>1/(1 + e⁻ˣ).</summary>
    /// <param name="x">Any shape.</param>
    T Sigmoid(T x);

    /// <summary>The hyperbolic tangent.</summary>
    /// <param name="x">Any shape.</param>
    T Tanh(T x);

    /// <summary>eˣ.</summary>
    /// <param name="x">Any shape.</param>
    T Exp(T x);

    /// <summary>The sine of an angle in radians.</summary>
    /// <param name="x">Any shape.</param>
    T Sine(T x);

    /// <summary>The cosine of an angle in radians.</summary>
    /// <param name="x">Any shape.</param>
    T Cosine(T x);

    /// <summary>The same values, through which no gradient flows.</summary>
    /// <param name="x">Any shape.</param>
    T Detach(T x);

    /// <summary>x·Φ(x), Φ being the normal distribution function (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="approximate">Whether with the paper's approximation by a hyperbolic tangent.</param>
    T Gelu(T x, bool approximate = false);

    /// <summary>a·b, place by place.</summary>
    /// <param name="a">Any shape.</param>
    /// <param name="b">The same shape, or 1 in dimensions along which it is repeated.</param>
    T Multiply(T a, T b);

    /// <summary>factor·x + shift.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="shift">The shift.</param>
    T Scale(T x, double factor, double shift = 0);

    /// <summary>The product of matrices.</summary>
    /// <param name="a">[..., L, K].</param>
    /// <param name="b">[..., K, M]: the same sizes before the last two dimensions, or 1.</param>
    T MatMul(T a, T b);

    /// <summary>eˣ divided by its sum over a dimension.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="dimension">The dimension.</param>
    T Softmax(T x, int dimension);

    /// <summary>The mean over a dimension, whose size becomes 1.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="dimension">The dimension.</param>
    T Mean(T x, int dimension);

    /// <summary>The indices of the least values over the last dimension, which goes: whole numbers.</summary>
    /// <param name="x">[..., C].</param>
    T ArgMin(T x);

    /// <summary>Rows of a table.</summary>
    /// <param name="table">[count, C].</param>
    /// <param name="indices">Whole numbers [B, ...] below count.</param>
    T Rows(T table, T indices);

    /// <summary>A part of a dimension.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="dimension">The dimension.</param>
    /// <param name="start">Where the part starts.</param>
    /// <param name="length">Its length.</param>
    T Slice(T x, int dimension, int start, int length);

    /// <summary>Zeros before and after a dimension.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="dimension">The dimension.</param>
    /// <param name="before">How many before; not negative.</param>
    /// <param name="after">How many after; not negative.</param>
    T Pad(T x, int dimension, int before, int after);

    /// <summary>Another order of the dimensions.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="dimensions">Which dimension comes where: each once.</param>
    T Permute(T x, params ReadOnlySpan<int> dimensions);

    /// <summary>A new dimension of size 1.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="dimension">Where it goes.</param>
    T Unsqueeze(T x, int dimension);

    /// <summary>Repeats along a dimension of size 1.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="dimension">The dimension.</param>
    /// <param name="size">Its new size.</param>
    T Expand(T x, int dimension, int size);

    /// <summary>An operation of the network's own. The result is of the precision of the first input.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="inputs">Its inputs: at least one, the first of real numbers.</param>
    T Custom(CustomOperation operation, params IReadOnlyList<T> inputs);
}
