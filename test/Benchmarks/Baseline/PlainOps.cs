using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// Runs any network as a competent TorchSharp user would write it: one eager function of libtorch after the other, on parameters that are tensors of their own.
/// Nothing is done in place, fused, or released before the end of the caller's scope.
/// </summary>
internal sealed class PlainOps(IReadOnlyDictionary<string, Parameter> parameters, Dictionary<string, Tensor> tables) : IOps<Tensor>
{
    public int Rank(Tensor x) => (int)x.dim();

    public int Size(Tensor x, int dimension) => (int)x.size(dimension);

    public Tensor Conv1d(Tensor x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true)
        => F.conv1d(x, Weight(name), Bias(name, bias), stride, padding ?? kernel / 2);

    public Tensor Conv2d(Tensor x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true)
        => F.conv2d(x, Weight(name), Bias(name, bias), [stride, stride], [padding ?? kernel / 2, padding ?? kernel / 2]);

    public Tensor ConvTranspose2d(Tensor x, string name, int channels, int kernel, int stride, int padding, Initializer? initializer = null)
        => F.conv_transpose2d(x, Weight(name), Bias(name), [stride, stride], [padding, padding]);

    public Tensor Linear(Tensor x, string name, int features, Initializer? initializer = null, bool bias = true) => F.linear(x, Weight(name), Bias(name, bias));

    public Tensor Embedding(Tensor indices, string name, int count, int width) => Rows(Weight(name), indices);

    public Tensor GroupNorm(Tensor x, string name, int groups, double epsilon = 1e-5) => F.group_norm(x, groups, Weight(name), Bias(name), epsilon);

    public Tensor GroupNormSilu(Tensor x, string name, int groups, double epsilon = 1e-5) => F.silu(GroupNorm(x, name, groups, epsilon));

    public Tensor GroupNormSilu(Tensor x, string name, int groups, Tensor modulation, double epsilon = 1e-5) => F.silu(Modulate(GroupNorm(x, name, groups, epsilon), modulation));

    public Tensor LayerNorm(Tensor x, string name, double epsilon = 1e-5) => F.layer_norm(x, [x.size(-1)], Weight(name), Bias(name), epsilon);

    public Tensor LayerNorm(Tensor x, double epsilon = 1e-5) => F.layer_norm(x, [x.size(-1)], null, null, epsilon);

    public Tensor RmsNorm(Tensor x, string name, double epsilon = 1e-6) => x * rsqrt(x.square().mean([-1], keepdim: true) + epsilon) * Weight(name);

    public Tensor Parameter(string name, Initializer initializer, params ReadOnlySpan<int> shape) => parameters[name];

    public Tensor Frozen(string name, Initializer initializer, params ReadOnlySpan<int> shape) => parameters[name];

    public Tensor Table(string name, Func<float[]> values, params ReadOnlySpan<int> shape)
    {
        long[] sizes = Long(shape);
        return Cached(name, () => tensor(values(), sizes));
    }

    public Tensor FilterDown(Tensor x, IReadOnlyList<double> taps, int factor, int padding)
        => F.conv2d(x, Kernel(taps, 1, x.size(1)), null, [factor, factor], [padding, padding], [1, 1], x.size(1));

    public Tensor FilterUp(Tensor x, IReadOnlyList<double> taps, int factor, int padding)
        => F.conv_transpose2d(x, Kernel(taps, factor, x.size(1)), null, [factor, factor], [padding, padding], [0, 0], [1, 1], x.size(1));

    public Tensor AveragePool2d(Tensor x, int factor) => F.avg_pool2d(x, factor);

    public Tensor ResizeNearest(Tensor x, int length) => F.interpolate(x, [length], mode: InterpolationMode.Nearest);

    public Tensor ResizeNearest(Tensor x, int height, int width) => F.interpolate(x, [height, width], mode: InterpolationMode.Nearest);

    public Tensor SpaceToDepth(Tensor x, int factor) => F.pixel_unshuffle(x, factor);

    public Tensor DepthToSpace(Tensor x, int factor) => F.pixel_shuffle(x, factor);

    public Tensor Attention(Tensor query, Tensor key, Tensor value) => F.scaled_dot_product_attention(query, key, value);

    public Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor mask)
        => F.scaled_dot_product_attention(query, key, value, mask.to(ScalarType.Bool).unsqueeze(1).unsqueeze(1));

    public Tensor Sinusoids(Tensor x, SinusoidalEmbedding embedding)
    {
        var angles = x.unsqueeze(1) * Cached($"{embedding.Width}/{embedding.Span}/{embedding.Shift}", () => tensor(embedding.Frequencies.ToArray()));
        return embedding.SinesFirst ? cat([angles.sin(), angles.cos()], 1) : cat([angles.cos(), angles.sin()], 1);
    }

    public Tensor Sinusoids(Tensor x, int width, double maxFrequency)
    {
        var angles = x.unsqueeze(1) * Cached($"{width}/{maxFrequency}", () => maxFrequency * exp(arange(width / 2, ScalarType.Float32) * (-Math.Log(10000) / (width / 2 - 1))));
        return cat([angles.sin(), angles.cos()], 1);
    }

    public Tensor Relu(Tensor x) => F.relu(x);

    public Tensor Sigmoid(Tensor x) => x.sigmoid();

    public Tensor Tanh(Tensor x) => x.tanh();

    public Tensor Exp(Tensor x) => x.exp();

    public Tensor Sine(Tensor x) => x.sin();

    public Tensor Cosine(Tensor x) => x.cos();

    public Tensor Detach(Tensor x) => x.detach();

    public Tensor Silu(Tensor x) => F.silu(x);

    // TorchSharp has no binding for the approximate one.
    public Tensor Gelu(Tensor x, bool approximate = false) => approximate ? 0.5 * x * (1 + (Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)).tanh()) : F.gelu(x);

    public Tensor Add(Tensor a, Tensor b) => a + b;

    public Tensor Multiply(Tensor a, Tensor b) => a * b;

    public Tensor Scale(Tensor x, double factor, double shift = 0) => shift == 0 ? x * factor : x * factor + shift;

    public Tensor Modulate(Tensor x, Tensor modulation)
    {
        var halves = modulation.view([.. modulation.shape, .. Enumerable.Repeat(1L, (int)x.dim() - 2)]).chunk(2, 1);
        return x * (1 + halves[0]) + halves[1];
    }

    public Tensor MatMul(Tensor a, Tensor b) => a.matmul(b);

    public Tensor Softmax(Tensor x, int dimension) => x.softmax(dimension);

    public Tensor Mean(Tensor x, int dimension) => x.mean([dimension], keepdim: true);

    public Tensor ArgMin(Tensor x) => x.argmin(-1);

    public Tensor Rows(Tensor table, Tensor indices) => table.index_select(0, indices.flatten()).view([.. indices.shape, table.size(1)]);

    public Tensor Concat(Tensor a, Tensor b, int dimension = 1) => cat([a, b], dimension);

    public Tensor Reshape(Tensor x, params ReadOnlySpan<int> shape) => x.reshape([x.size(0), .. Long(shape)]);

    public Tensor Transpose(Tensor x, int first, int second) => x.transpose(first, second);

    public Tensor Slice(Tensor x, int dimension, int start, int length) => x.narrow(dimension, start, length);

    public Tensor Pad(Tensor x, int dimension, int before, int after)
        => F.pad(x, [.. Enumerable.Repeat(0L, 2 * ((int)x.dim() - 1 - dimension)), before, after]);

    public Tensor Permute(Tensor x, params ReadOnlySpan<int> dimensions) => x.permute(Long(dimensions));

    public Tensor Unsqueeze(Tensor x, int dimension) => x.unsqueeze(dimension);

    public Tensor Expand(Tensor x, int dimension, int size)
    {
        long[] sizes = x.shape;
        sizes[dimension] = size;
        return x.expand(sizes);
    }

    public Tensor Custom(CustomOperation operation, params IReadOnlyList<Tensor> inputs) => operation.Run(inputs, [.. operation.Parameters.Select(info => parameters[info.Name])]);

    public Tensor Dropout(Tensor x, double rate) => rate == 0 ? x : throw new NotSupportedException("Networks are compared without dropout.");

    public Tensor ToWorking(Tensor x) => x;

    public Tensor ToFloat32(Tensor x) => x;

    private Parameter Weight(string name) => parameters[name + ".weight"];

    private Parameter? Bias(string name, bool has = true) => has ? parameters[name + ".bias"] : null;

    private Tensor Kernel(IReadOnlyList<double> taps, int sum, long channels)
    {
        double scale = sum / taps.Sum();
        return Cached(FormattableString.Invariant($"{sum}/{channels}/{string.Join("/", taps)}"), () =>
            tensor([.. from vertical in taps from horizontal in taps select (float)(vertical * scale * horizontal * scale)], [1, 1, taps.Count, taps.Count]).repeat(channels, 1, 1, 1));
    }

    // Made once, as a module makes its buffers.
    private Tensor Cached(string name, Func<Tensor> make)
    {
        if (!tables.TryGetValue(name, out var table))
        {
            using var scope = NewDisposeScope();
            tables[name] = table = make().DetachFromDisposeScope();
        }
        return table;
    }

    private static long[] Long(ReadOnlySpan<int> sizes)
    {
        var result = new long[sizes.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = sizes[i];
        return result;
    }
}
