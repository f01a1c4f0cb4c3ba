namespace Microsoft.ML.Diffusion;

/// <content>Layers that a U-Net of pictures does without.</content>
public partial interface IOps<T>
{
    /// <summary>1-D convolution (<c>name.weight</c> [out, in, k], <c>name.bias</c> [out]): <see cref="Conv2d"/> along one axis.</summary>
    /// <param name="x">[B, C, L].</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="channels">The number of output channels.</param>
    /// <param name="kernel">The kernel size k; odd unless a padding is given.</param>
    /// <param name="stride">The stride.</param>
    /// <param name="initializer">How weight and bias start; uniform in ±1/√(inputs of a unit) where null.</param>
    /// <param name="padding">Zeros on each side; k/2 where null.</param>
    /// <param name="bias">Whether there is a bias.</param>
    T Conv1d(T x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true);

    /// <summary>2-D transposed convolution (<c>name.weight</c> [in, out, k, k], <c>name.bias</c> [out]): a size n becomes (n − 1)·stride − 2·padding + k.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="channels">The number of output channels.</param>
    /// <param name="kernel">The kernel size k.</param>
    /// <param name="stride">The stride.</param>
    /// <param name="padding">How many places of the result are cut off on each side.</param>
    /// <param name="initializer">How weight and bias start; uniform in ±1/√(inputs of a unit) where null.</param>
    T ConvTranspose2d(T x, string name, int channels, int kernel, int stride, int padding, Initializer? initializer = null);

    /// <summary>Layer normalisation over the last dimension without scale and shift.</summary>
    /// <param name="x">[..., C].</param>
    /// <param name="epsilon">Added to the variance.</param>
    T LayerNorm(T x, double epsilon = 1e-5);

    /// <summary>Division by the root of the mean square over the last dimension, with a scale (<c>name.weight</c> [C]; Zhang and Sennrich 2019, arXiv:1910.07467).</summary>
    /// <param name="x">[..., C].</param>
    /// <param name="name">The name of the layer.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    T RmsNorm(T x, string name, double epsilon = 1e-6);

    /// <summary>A bare parameter, trained like every other.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="initializer">How it starts.</param>
    /// <param name="shape">Its sizes.</param>
    T Parameter(string name, Initializer initializer, params ReadOnlySpan<int> shape);

    /// <summary>A parameter that is stored with the others but not trained, such as random frequencies. Float32 whatever the working precision.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="initializer">How it starts, and stays.</param>
    /// <param name="shape">Its sizes.</param>
    T Frozen(string name, Initializer initializer, params ReadOnlySpan<int> shape);

    /// <summary>A table that follows from the architecture, such as positions: made once, stored nowhere. Float32.</summary>
    /// <param name="name">A name, unique among those of the network.</param>
    /// <param name="values">Makes the values in row-major order.</param>
    /// <param name="shape">The sizes.</param>
    T Table(string name, Func<float[]> values, params ReadOnlySpan<int> shape);

    /// <summary>Filters with fixed taps along height and width and keeps every <paramref name="factor"/>-th place: a size n becomes ⌊(n + 2·padding − taps)/factor⌋ + 1.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="taps">The filter along one axis; scaled here to the sum 1.</param>
    /// <param name="factor">The factor; 1 only filters.</param>
    /// <param name="padding">Zeros on each side.</param>
    T FilterDown(T x, IReadOnlyList<double> taps, int factor, int padding);

    /// <summary>Spreads the values <paramref name="factor"/> places apart and filters with fixed taps along height and width: a size n becomes (n − 1)·factor − 2·padding + taps.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="taps">The filter along one axis; scaled here to the sum <paramref name="factor"/>, which keeps the mean.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="padding">How many places of the result are cut off on each side.</param>
    T FilterUp(T x, IReadOnlyList<double> taps, int factor, int padding);

    /// <summary>The mean of blocks of <paramref name="factor"/>×<paramref name="factor"/> places; what does not fill a block is left out.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="factor">The side of a block.</param>
    T AveragePool2d(T x, int factor);

    /// <summary>Nearest-neighbour resizing of sequences.</summary>
    /// <param name="x">[B, C, L].</param>
    /// <param name="length">The new length.</param>
    T ResizeNearest(T x, int length);

    /// <summary>softmax(q·kᵀ/√d)·v for each head, over some of the keys.</summary>
    /// <param name="query">[B, heads, L, d].</param>
    /// <param name="key">[B, heads, M, d].</param>
    /// <param name="value">[B, heads, M, e].</param>
    /// <param name="mask">[B, M], Float32: 1 for keys that count, 0 for the others; at least one of a row must count.</param>
    T Attention(T query, T key, T value, T mask);

    /// <summary>Sinusoidal features of a number. Float32.</summary>
    /// <param name="x">[B], Float32.</param>
    /// <param name="embedding">Frequencies and order.</param>
    T Sinusoids(T x, SinusoidalEmbedding embedding);
}
