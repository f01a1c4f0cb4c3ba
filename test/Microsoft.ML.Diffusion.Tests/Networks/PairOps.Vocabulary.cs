namespace Microsoft.ML.Diffusion.Tests;

/// <content>What a U-Net of pictures does without.</content>
internal sealed partial class PairOps
{
    public Pair Relu(Pair x) => Same(shapes.Relu(x.Shape), tensors.Relu(x.Value));

    public Pair Sigmoid(Pair x) => Same(shapes.Sigmoid(x.Shape), tensors.Sigmoid(x.Value));

    public Pair Tanh(Pair x) => Same(shapes.Tanh(x.Shape), tensors.Tanh(x.Value));

    public Pair Exp(Pair x) => Same(shapes.Exp(x.Shape), tensors.Exp(x.Value));

    public Pair Sine(Pair x) => Same(shapes.Sine(x.Shape), tensors.Sine(x.Value));

    public Pair Cosine(Pair x) => Same(shapes.Cosine(x.Shape), tensors.Cosine(x.Value));

    public Pair Detach(Pair x) => Same(shapes.Detach(x.Shape), tensors.Detach(x.Value));

    public Pair Rows(Pair table, Pair indices) => Same(shapes.Rows(table.Shape, indices.Shape), tensors.Rows(table.Value, indices.Value));

    public Pair ArgMin(Pair x) => Same(shapes.ArgMin(x.Shape), tensors.ArgMin(x.Value));

    public Pair Multiply(Pair a, Pair b) => Same(shapes.Multiply(a.Shape, b.Shape), tensors.Multiply(a.Value, b.Value));

    public Pair MatMul(Pair a, Pair b) => Same(shapes.MatMul(a.Shape, b.Shape), tensors.MatMul(a.Value, b.Value));

    public Pair Gelu(Pair x, bool approximate = false) =>
        Same(shapes.Gelu(x.Shape, approximate), tensors.Gelu(x.Value, approximate));

    public Pair Scale(Pair x, double factor, double shift = 0) =>
        Same(shapes.Scale(x.Shape, factor, shift), tensors.Scale(x.Value, factor, shift));

    public Pair Softmax(Pair x, int dimension) =>
        Same(shapes.Softmax(x.Shape, dimension), tensors.Softmax(x.Value, dimension));

    public Pair Mean(Pair x, int dimension) =>
        Same(shapes.Mean(x.Shape, dimension), tensors.Mean(x.Value, dimension));

    public Pair Custom(CustomOperation operation, params IReadOnlyList<Pair> inputs) =>
        Same(shapes.Custom(operation, [.. inputs.Select(input => input.Shape)]), tensors.Custom(operation, [.. inputs.Select(input => input.Value)]));

    public Pair Slice(Pair x, int dimension, int start, int length) =>
        Same(shapes.Slice(x.Shape, dimension, start, length), tensors.Slice(x.Value, dimension, start, length));

    public Pair Pad(Pair x, int dimension, int before, int after) =>
        Same(shapes.Pad(x.Shape, dimension, before, after), tensors.Pad(x.Value, dimension, before, after));

    public Pair Permute(Pair x, params ReadOnlySpan<int> dimensions) =>
        Same(shapes.Permute(x.Shape, dimensions), tensors.Permute(x.Value, dimensions));

    public Pair Unsqueeze(Pair x, int dimension) =>
        Same(shapes.Unsqueeze(x.Shape, dimension), tensors.Unsqueeze(x.Value, dimension));

    public Pair Expand(Pair x, int dimension, int size) =>
        Same(shapes.Expand(x.Shape, dimension, size), tensors.Expand(x.Value, dimension, size));

    public Pair Conv1d(Pair x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true) =>
        Same(shapes.Conv1d(x.Shape, name, channels, kernel, stride, initializer, padding, bias), tensors.Conv1d(x.Value, name, channels, kernel, stride, initializer, padding, bias));

    public Pair ConvTranspose2d(Pair x, string name, int channels, int kernel, int stride, int padding, Initializer? initializer = null) =>
        Same(shapes.ConvTranspose2d(x.Shape, name, channels, kernel, stride, padding, initializer), tensors.ConvTranspose2d(x.Value, name, channels, kernel, stride, padding, initializer));

    public Pair LayerNorm(Pair x, double epsilon = 1e-5) =>
        Same(shapes.LayerNorm(x.Shape, epsilon), tensors.LayerNorm(x.Value, epsilon));

    public Pair RmsNorm(Pair x, string name, double epsilon = 1e-6) =>
        Same(shapes.RmsNorm(x.Shape, name, epsilon), tensors.RmsNorm(x.Value, name, epsilon));

    public Pair FilterDown(Pair x, IReadOnlyList<double> taps, int factor, int padding) =>
        Same(shapes.FilterDown(x.Shape, taps, factor, padding), tensors.FilterDown(x.Value, taps, factor, padding));

    public Pair FilterUp(Pair x, IReadOnlyList<double> taps, int factor, int padding) =>
        Same(shapes.FilterUp(x.Shape, taps, factor, padding), tensors.FilterUp(x.Value, taps, factor, padding));

    public Pair AveragePool2d(Pair x, int factor) =>
        Same(shapes.AveragePool2d(x.Shape, factor), tensors.AveragePool2d(x.Value, factor));

    public Pair ResizeNearest(Pair x, int length) =>
        Same(shapes.ResizeNearest(x.Shape, length), tensors.ResizeNearest(x.Value, length));

    public Pair Sinusoids(Pair x, SinusoidalEmbedding embedding) =>
        Same(shapes.Sinusoids(x.Shape, embedding), tensors.Sinusoids(x.Value, embedding));

    public Pair Attention(Pair query, Pair key, Pair value, Pair mask) =>
        Same(shapes.Attention(query.Shape, key.Shape, value.Shape, mask.Shape), tensors.Attention(query.Value, key.Value, value.Value, mask.Value));

    public Pair Parameter(string name, Initializer initializer, params ReadOnlySpan<int> shape) =>
        Same(shapes.Parameter(name, initializer, shape), tensors.Parameter(name, initializer, shape));

    public Pair Frozen(string name, Initializer initializer, params ReadOnlySpan<int> shape) =>
        Same(shapes.Frozen(name, initializer, shape), tensors.Frozen(name, initializer, shape));

    public Pair Table(string name, Func<float[]> values, params ReadOnlySpan<int> shape) =>
        Same(shapes.Table(name, values, shape), tensors.Table(name, values, shape));
}
