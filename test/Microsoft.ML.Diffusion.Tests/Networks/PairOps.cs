using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Runs sizes and tensors side by side, and compares every value.</summary>
internal sealed partial class PairOps(ShapeOps shapes, TorchOps tensors) : IOps<PairOps.Pair>
{
    public readonly record struct Pair(ShapeValue Shape, TorchValue Value);

    public int Values { get; private set; }

    public int Rank(Pair x)
    {
        Assert.AreEqual(shapes.Rank(x.Shape), tensors.Rank(x.Value));
        return shapes.Rank(x.Shape);
    }

    public int Size(Pair x, int dimension) => shapes.Size(x.Shape, dimension);

    public Pair Conv2d(Pair x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true) =>
        Same(shapes.Conv2d(x.Shape, name, channels, kernel, stride, initializer, padding, bias), tensors.Conv2d(x.Value, name, channels, kernel, stride, initializer, padding, bias));

    public Pair Linear(Pair x, string name, int features, Initializer? initializer = null, bool bias = true) =>
        Same(shapes.Linear(x.Shape, name, features, initializer, bias), tensors.Linear(x.Value, name, features, initializer, bias));

    public Pair Embedding(Pair indices, string name, int count, int width) =>
        Same(shapes.Embedding(indices.Shape, name, count, width), tensors.Embedding(indices.Value, name, count, width));

    public Pair GroupNorm(Pair x, string name, int groups, double epsilon = 1e-5) =>
        Same(shapes.GroupNorm(x.Shape, name, groups, epsilon), tensors.GroupNorm(x.Value, name, groups, epsilon));

    public Pair LayerNorm(Pair x, string name, double epsilon = 1e-5) => Same(shapes.LayerNorm(x.Shape, name, epsilon), tensors.LayerNorm(x.Value, name, epsilon));

    public Pair Silu(Pair x) => Same(shapes.Silu(x.Shape), tensors.Silu(x.Value));

    public Pair Add(Pair a, Pair b) => Same(shapes.Add(a.Shape, b.Shape), tensors.Add(a.Value, b.Value));

    public Pair GroupNormSilu(Pair x, string name, int groups, double epsilon = 1e-5) => Same(shapes.GroupNormSilu(x.Shape, name, groups, epsilon), tensors.GroupNormSilu(x.Value, name, groups, epsilon));

    public Pair GroupNormSilu(Pair x, string name, int groups, Pair modulation, double epsilon = 1e-5) =>
        Same(shapes.GroupNormSilu(x.Shape, name, groups, modulation.Shape, epsilon), tensors.GroupNormSilu(x.Value, name, groups, modulation.Value, epsilon));

    public Pair Modulate(Pair x, Pair modulation) => Same(shapes.Modulate(x.Shape, modulation.Shape), tensors.Modulate(x.Value, modulation.Value));

    public Pair Concat(Pair a, Pair b, int dimension = 1) => Same(shapes.Concat(a.Shape, b.Shape, dimension), tensors.Concat(a.Value, b.Value, dimension));

    public Pair Reshape(Pair x, params ReadOnlySpan<int> shape) => Same(shapes.Reshape(x.Shape, shape), tensors.Reshape(x.Value, shape));

    public Pair Transpose(Pair x, int first, int second) => Same(shapes.Transpose(x.Shape, first, second), tensors.Transpose(x.Value, first, second));

    public Pair ResizeNearest(Pair x, int height, int width) => Same(shapes.ResizeNearest(x.Shape, height, width), tensors.ResizeNearest(x.Value, height, width));

    public Pair SpaceToDepth(Pair x, int factor) => Same(shapes.SpaceToDepth(x.Shape, factor), tensors.SpaceToDepth(x.Value, factor));

    public Pair DepthToSpace(Pair x, int factor) => Same(shapes.DepthToSpace(x.Shape, factor), tensors.DepthToSpace(x.Value, factor));

    public Pair Attention(Pair query, Pair key, Pair value) =>
        Same(shapes.Attention(query.Shape, key.Shape, value.Shape), tensors.Attention(query.Value, key.Value, value.Value));

    public Pair Sinusoids(Pair x, int width, double maxFrequency) => Same(shapes.Sinusoids(x.Shape, width, maxFrequency), tensors.Sinusoids(x.Value, width, maxFrequency));

    public Pair Dropout(Pair x, double rate) => Same(shapes.Dropout(x.Shape, rate), tensors.Dropout(x.Value, rate));

    public Pair ToWorking(Pair x) => Same(shapes.ToWorking(x.Shape), tensors.ToWorking(x.Value));

    public Pair ToFloat32(Pair x) => Same(shapes.ToFloat32(x.Shape), tensors.ToFloat32(x.Value));

    private Pair Same(ShapeValue shape, TorchValue value)
    {
        Assert.AreSequenceEqual(shape.Sizes.Select(size => (long)size), value.Tensor.shape);
        if (shape.Kind == ValueKind.Full)
            Assert.AreEqual(ScalarType.Float32, value.Tensor.dtype);
        Values++;
        return new Pair(shape, value);
    }
}
