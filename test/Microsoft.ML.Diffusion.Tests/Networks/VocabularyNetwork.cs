using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Says every word of the vocabulary that the architectures of pictures and vectors do without: takes [C, H, W] with even sizes.</summary>
internal sealed class VocabularyNetwork : Network
{
    private const int Width = 8;

    private static readonly double[] Taps = [1, 3, 3, 1];

    public override void Validate(DataShape shape)
    {
    }

    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        int channels = ops.Size(x, 1), height = ops.Size(x, 2), width = ops.Size(x, 3);
        var h = ops.Conv2d(ops.ToWorking(x), "in", Width, kernel: 4, stride: 2, padding: 1, bias: false);
        h = ops.Add(ops.FilterUp(ops.FilterDown(h, Taps, 1, 1), Taps, 2, 1), ops.ConvTranspose2d(h, "up", Width, 4, 2, 2));
        h = ops.AveragePool2d(ops.Pad(h, 2, 1, 0), 2);
        int rows = ops.Size(h, 2), columns = ops.Size(h, 3), places = rows * columns;
        var sequence = ops.Conv1d(ops.ResizeNearest(ops.Reshape(h, Width, places), 2 * places), "sequence", Width, 3, stride: 2);
        var tokens = ops.Permute(sequence, 0, 2, 1);
        tokens = ops.Add(tokens, ops.ToWorking(ops.Table("positions", () => [.. Enumerable.Range(0, places).Select(place => place / 8f)], 1, places, 1)));
        tokens = ops.Gelu(ops.RmsNorm(tokens, "rms"));
        tokens = ops.Multiply(ops.LayerNorm(tokens), ops.Parameter("gain", Initializer.Normal(1), 1, 1, Width));
        tokens = ops.Add(tokens, Told(ops, level));
        tokens = ops.Custom(new ScaledCube(), tokens, level);
        return Out(ops, ops.Add(Attended(ops, tokens, places), Nearest(ops, tokens)), rows, columns, [channels, height, width]);
    }

    // [B, 1, Width]: two kinds of features of the level.
    private static T Told<T>(IOps<T> ops, T level)
    {
        var angle = ops.Multiply(ops.Expand(ops.Unsqueeze(level, 1), 1, Width / 2), Frequencies(ops, level));
        var features = ops.Concat(ops.Sine(angle), ops.Cosine(angle));
        var sum = ops.Add(features, ops.Sinusoids(level, new SinusoidalEmbedding(Width, shift: 1, sinesFirst: true)));
        return ops.Unsqueeze(ops.Linear(ops.ToWorking(sum), "told", Width, bias: false), 1);
    }

    private static T Frequencies<T>(IOps<T> ops, T level) => ops.Expand(ops.Frozen("frequencies", Initializer.Normal(4), 1, Width / 2), 0, ops.Size(level, 0));

    private static T Attended<T>(IOps<T> ops, T tokens, int places)
    {
        var heads = ops.Transpose(ops.Reshape(tokens, places, 2, Width / 2), 1, 2);
        var mask = ops.Expand(ops.Table("mask", () => [.. Enumerable.Range(0, places).Select(place => place % 3 == 0 ? 1f : 0)], 1, places), 0, ops.Size(tokens, 0));
        var some = ops.Attention(heads, heads, heads, mask);
        var scores = ops.Softmax(ops.Scale(ops.MatMul(heads, ops.Transpose(heads, 2, 3)), 0.5, 0.1), 3);
        return ops.Reshape(ops.Transpose(ops.Add(some, ops.MatMul(scores, heads)), 1, 2), places, Width);
    }

    private static T Nearest<T>(IOps<T> ops, T tokens)
    {
        var gate = ops.Sigmoid(ops.Mean(tokens, 1));
        var nearest = ops.ArgMin(ops.Tanh(tokens));
        var entries = ops.Add(ops.Embedding(nearest, "codes", Width, Width), ops.Rows(ops.Parameter("table", Initializer.Normal(1), Width, Width), nearest));
        return ops.Multiply(ops.Add(entries, ops.Exp(ops.Scale(ops.Relu(ops.Detach(tokens)), -1))), gate);
    }

    private static T Out<T>(IOps<T> ops, T tokens, int rows, int columns, int[] shape)
    {
        var last = ops.Slice(ops.Gelu(ops.Linear(tokens, "wide", 2 * Width), approximate: true), 2, Width, Width);
        var picture = ops.Reshape(ops.Permute(last, 0, 2, 1), Width, rows, columns);
        return ops.ToFloat32(ops.Conv2d(ops.ResizeNearest(picture, shape[1], shape[2]), "out", shape[0], 1));
    }

    /// <summary>gain·x³, with the gain as a parameter, plus 0·level.</summary>
    private sealed class ScaledCube : CustomOperation
    {
        public override IReadOnlyList<NetworkParameter> Parameters { get; } = [new NetworkParameter("cube.gain", [Width], (float[])[.. Enumerable.Range(1, Width).Select(i => i / 4f)])];

        public override int[] SizesOf(IReadOnlyList<CustomInput> inputs) => inputs[1].Sizes.Count == 1 && !inputs[1].IsIndex ? [.. inputs[0].Sizes] : throw new ArgumentException("Expected a level.");

        public override Tensor Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> parameters)
        {
            using var square = inputs[0].mul(inputs[0]);
            using var cube = square.mul(inputs[0]);
            return cube.mul(parameters[0]);
        }
    }
}
