namespace Microsoft.ML.Diffusion;

/// <summary>
/// The vocabulary in which a network is written, once; an interpreter decides what running it means: sizes and the inventory of
/// parameters, eager torch for training, eager torch with early release for sampling, other graphs later.
/// </summary>
/// <remarks>
/// A network's code is deterministic: the same sizes give the same sequence of calls. It never releases values: interpreters know
/// from that sequence which use of a value is the last. Parameters are named, and are created with the sizes that the call implies;
/// a name used twice is one parameter. Pictures are [B, C, H, W], tokens [B, L, C], vectors [B, C]. Layers compute in the working
/// precision; an operation on two values wants both in the same one.
/// </remarks>
/// <typeparam name="T">What stands for a tensor.</typeparam>
public partial interface IOps<T>
{
    /// <summary>How many channels at the end of the network's input are pictures that condition it (<see cref="PictureCondition"/>): its answer has none for them.</summary>
    int PictureChannels => 0;

    /// <summary>The number of dimensions.</summary>
    /// <param name="x">A value.</param>
    int Rank(T x);

    /// <summary>The size of a dimension.</summary>
    /// <param name="x">A value.</param>
    /// <param name="dimension">The dimension, from 0.</param>
    int Size(T x, int dimension);

    /// <summary>
    /// 2-D convolution (<c>name.weight</c> [out, in, k, k], <c>name.bias</c> [out]): a size n becomes ⌊(n + 2·padding − k)/stride⌋ + 1, which
    /// with the usual padding is ⌈n/stride⌉.
    /// </summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="channels">The number of output channels.</param>
    /// <param name="kernel">The kernel size k; odd unless a padding is given.</param>
    /// <param name="stride">The stride.</param>
    /// <param name="initializer">How weight and bias start; uniform in ±1/√(inputs of a unit) where null.</param>
    /// <param name="padding">Zeros on each side; k/2 where null.</param>
    /// <param name="bias">Whether there is a bias.</param>
    T Conv2d(T x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true);

    /// <summary>A linear layer over the last dimension (<c>name.weight</c> [out, in], <c>name.bias</c> [out]).</summary>
    /// <param name="x">[..., C].</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="features">The number of output features.</param>
    /// <param name="initializer">How weight and bias start; uniform in ±1/√C where null.</param>
    /// <param name="bias">Whether there is a bias.</param>
    T Linear(T x, string name, int features, Initializer? initializer = null, bool bias = true);

    /// <summary>A table look-up (<c>name.weight</c> [count, width]).</summary>
    /// <param name="indices">Whole numbers [B, ...] below <paramref name="count"/>.</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="count">The number of rows of the table.</param>
    /// <param name="width">The width of a row.</param>
    T Embedding(T indices, string name, int count, int width);

    /// <summary>Group normalisation with scale and shift (<c>name.weight</c>, <c>name.bias</c> [C]; Wu and He 2018, arXiv:1803.08494).</summary>
    /// <param name="x">[B, C, ...].</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="groups">The number of groups; divides C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    T GroupNorm(T x, string name, int groups, double epsilon = 1e-5);

    /// <summary>SiLU of <see cref="GroupNorm"/>: one pass over the data where the interpreter can.</summary>
    /// <param name="x">[B, C, ...].</param>
    /// <param name="name">The name of the normalisation.</param>
    /// <param name="groups">The number of groups; divides C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    T GroupNormSilu(T x, string name, int groups, double epsilon = 1e-5);

    /// <summary>SiLU of <see cref="Modulate"/> of <see cref="GroupNorm"/>: one pass over the data where the interpreter can.</summary>
    /// <param name="x">[B, C, ...].</param>
    /// <param name="name">The name of the normalisation.</param>
    /// <param name="groups">The number of groups; divides C.</param>
    /// <param name="modulation">[B, 2C]: the scales, then the shifts.</param>
    /// <param name="epsilon">Added to the variance.</param>
    T GroupNormSilu(T x, string name, int groups, T modulation, double epsilon = 1e-5);

    /// <summary>Layer normalisation over the last dimension with scale and shift (<c>name.weight</c>, <c>name.bias</c>).</summary>
    /// <param name="x">[..., C].</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="epsilon">Added to the variance.</param>
    T LayerNorm(T x, string name, double epsilon = 1e-5);

    /// <summary>x·sigmoid(x).</summary>
    /// <param name="x">Any shape.</param>
    T Silu(T x);

    /// <summary>a + b.</summary>
    /// <param name="a">Any shape.</param>
    /// <param name="b">The same shape, or 1 in dimensions along which it is repeated.</param>
    T Add(T a, T b);

    /// <summary>Feature-wise modulation (FiLM, Perez et al. 2018, arXiv:1709.07871): x·(1 + scale) + shift, a number a channel.</summary>
    /// <param name="x">[B, C, ...].</param>
    /// <param name="modulation">[B, 2C]: the scales, then the shifts.</param>
    T Modulate(T x, T modulation);

    /// <summary>Joins along a dimension.</summary>
    /// <param name="a">[B, C1, ...].</param>
    /// <param name="b">[B, C2, ...]: the same sizes in the other dimensions.</param>
    /// <param name="dimension">The dimension.</param>
    T Concat(T a, T b, int dimension = 1);

    /// <summary>Another shape of the same values, in the same order.</summary>
    /// <param name="x">[B, ...].</param>
    /// <param name="shape">The sizes after the batch's.</param>
    T Reshape(T x, params ReadOnlySpan<int> shape);

    /// <summary>Swaps two dimensions.</summary>
    /// <param name="x">A value.</param>
    /// <param name="first">A dimension.</param>
    /// <param name="second">Another one.</param>
    T Transpose(T x, int first, int second);

    /// <summary>Nearest-neighbour resizing.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="height">The new height.</param>
    /// <param name="width">The new width.</param>
    T ResizeNearest(T x, int height, int width);

    /// <summary>Blocks of pixels become channels: [B, C, H, W] → [B, C·f², H/f, W/f].</summary>
    /// <param name="x">[B, C, H, W]; f divides H and W.</param>
    /// <param name="factor">f.</param>
    T SpaceToDepth(T x, int factor);

    /// <summary>The inverse of <see cref="SpaceToDepth"/>.</summary>
    /// <param name="x">[B, C·f², H, W].</param>
    /// <param name="factor">f.</param>
    T DepthToSpace(T x, int factor);

    /// <summary>softmax(q·kᵀ/√d)·v (Vaswani et al. 2017, arXiv:1706.03762, eq. 1), for each head.</summary>
    /// <param name="query">[B, heads, L, d].</param>
    /// <param name="key">[B, heads, M, d].</param>
    /// <param name="value">[B, heads, M, e].</param>
    T Attention(T query, T key, T value);

    /// <summary>
    /// Sinusoidal features of a number: <paramref name="width"/>/2 sines, then as many cosines, at angular frequencies that fall
    /// geometrically from <paramref name="maxFrequency"/> to a ten-thousandth of it. Float32.
    /// </summary>
    /// <param name="x">[B], Float32.</param>
    /// <param name="width">The even number of features; at least 4.</param>
    /// <param name="maxFrequency">The highest angular frequency.</param>
    T Sinusoids(T x, int width, double maxFrequency);

    /// <summary>Zeroes values at random in training, with the run's own noise, and rescales the rest; nothing in sampling.</summary>
    /// <param name="x">[B, ...].</param>
    /// <param name="rate">The probability of zeroing, in [0, 1).</param>
    T Dropout(T x, double rate);

    /// <summary>Casts to the precision in which the bulk of the network computes.</summary>
    /// <param name="x">Any shape, Float32.</param>
    T ToWorking(T x);

    /// <summary>Casts to Float32: for the network's output and whatever must not lose digits.</summary>
    /// <param name="x">Any shape.</param>
    T ToFloat32(T x);
}
