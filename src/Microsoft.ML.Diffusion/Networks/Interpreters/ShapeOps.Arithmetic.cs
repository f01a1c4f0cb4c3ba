namespace Microsoft.ML.Diffusion;

/// <content>Arithmetic and views.</content>
internal sealed partial class ShapeOps
{
    /// <inheritdoc/>
    public ShapeValue Relu(ShapeValue x) => Alike(x, nameof(Relu));

    /// <inheritdoc/>
    public ShapeValue Sigmoid(ShapeValue x) => Alike(x, nameof(Sigmoid));

    /// <inheritdoc/>
    public ShapeValue Tanh(ShapeValue x) => Alike(x, nameof(Tanh));

    /// <inheritdoc/>
    public ShapeValue Exp(ShapeValue x) => Alike(x, nameof(Exp));

    /// <inheritdoc/>
    public ShapeValue Sine(ShapeValue x) => Alike(x, nameof(Sine));

    /// <inheritdoc/>
    public ShapeValue Cosine(ShapeValue x) => Alike(x, nameof(Cosine));

    /// <inheritdoc/>
    public ShapeValue Detach(ShapeValue x) => Alike(x, nameof(Detach));

    /// <inheritdoc/>
    public ShapeValue Gelu(ShapeValue x, bool approximate = false) => Alike(x, nameof(Gelu));

    /// <inheritdoc/>
    public ShapeValue Scale(ShapeValue x, double factor, double shift = 0)
    {
        Require(double.IsFinite(factor) && double.IsFinite(shift), nameof(Scale), FormattableString.Invariant($"finite numbers instead of {factor} and {shift}"), x);
        return Alike(x, nameof(Scale));
    }

    /// <inheritdoc/>
    public ShapeValue Multiply(ShapeValue a, ShapeValue b) => Repeated(a, b, nameof(Multiply));

    /// <inheritdoc/>
    public ShapeValue MatMul(ShapeValue a, ShapeValue b)
    {
        int rank = a.Sizes.Length;
        bool fits = rank >= 2 && a.Kind != ValueKind.Index && a.Kind == b.Kind && b.Sizes.Length == rank && b.Sizes[^2] == a.Sizes[^1];
        for (int i = 0; fits && i < rank - 2; i++)
            fits = b.Sizes[i] == a.Sizes[i] || b.Sizes[i] == 1;
        Require(fits, nameof(MatMul), $"a matrix that fits {a}", b);
        Products += Count(a.Sizes) * b.Sizes[^1];
        return Produce(a.Kind, With(a.Sizes, rank - 1, b.Sizes[^1]), a, b);
    }

    /// <inheritdoc/>
    public ShapeValue Softmax(ShapeValue x, int dimension)
    {
        RequireDimension(x, dimension, nameof(Softmax));
        return Alike(x, nameof(Softmax));
    }

    /// <inheritdoc/>
    public ShapeValue Mean(ShapeValue x, int dimension)
    {
        RequireDimension(x, dimension, nameof(Mean));
        Require(x.Kind != ValueKind.Index, nameof(Mean), "real numbers", x);
        return Produce(x.Kind, With(x.Sizes, dimension, 1), x);
    }

    /// <inheritdoc/>
    public ShapeValue ArgMin(ShapeValue x)
    {
        Require(x.Sizes.Length >= 2 && x.Kind != ValueKind.Index, nameof(ArgMin), "[..., C]", x);
        return Produce(ValueKind.Index, x.Sizes[..^1], x);
    }

    /// <inheritdoc/>
    public ShapeValue Rows(ShapeValue table, ShapeValue indices)
    {
        Require(table.Kind != ValueKind.Index && table.Sizes.Length == 2, nameof(Rows), "a table [count, C]", table);
        Require(indices.Kind == ValueKind.Index, nameof(Rows), "indices [B, ...]", indices);
        return Produce(table.Kind, [.. indices.Sizes, table.Sizes[1]], table, indices);
    }

    /// <inheritdoc/>
    public ShapeValue Slice(ShapeValue x, int dimension, int start, int length)
    {
        RequireDimension(x, dimension, nameof(Slice));
        Require(start >= 0 && length > 0 && length <= x.Sizes[dimension] - start, nameof(Slice), $"places {start} to {start + length - 1} of dimension {dimension}", x);
        return Produce(x.Kind, With(x.Sizes, dimension, length), x);
    }

    /// <inheritdoc/>
    public ShapeValue Pad(ShapeValue x, int dimension, int before, int after)
    {
        RequireDimension(x, dimension, nameof(Pad));
        Require(before >= 0 && after >= 0, nameof(Pad), $"numbers of zeros that are not negative instead of {before} and {after}", x);
        return Produce(x.Kind, With(x.Sizes, dimension, checked(before + x.Sizes[dimension] + after)), x);
    }

    /// <inheritdoc/>
    public ShapeValue Permute(ShapeValue x, params ReadOnlySpan<int> dimensions)
    {
        int[] order = dimensions.ToArray();
        Require(order.Order().SequenceEqual(Enumerable.Range(0, x.Sizes.Length)), nameof(Permute), $"as many dimensions as [{string.Join(", ", order)}] names, each once", x);
        return Produce(x.Kind, [.. order.Select(dimension => x.Sizes[dimension])], x);
    }

    /// <inheritdoc/>
    public ShapeValue Unsqueeze(ShapeValue x, int dimension)
    {
        Require(dimension >= 0 && dimension <= x.Sizes.Length, nameof(Unsqueeze), $"at least {dimension} dimensions", x);
        return Produce(x.Kind, [.. x.Sizes[..dimension], 1, .. x.Sizes[dimension..]], x);
    }

    /// <inheritdoc/>
    public ShapeValue Expand(ShapeValue x, int dimension, int size)
    {
        RequireDimension(x, dimension, nameof(Expand));
        Require(x.Sizes[dimension] == 1 && size > 0, nameof(Expand), $"size 1 in dimension {dimension} and a positive new size, {size}", x);
        return Produce(x.Kind, With(x.Sizes, dimension, size), x);
    }

    /// <inheritdoc/>
    public ShapeValue Custom(CustomOperation operation, params IReadOnlyList<ShapeValue> inputs)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (inputs.Count == 0 || inputs[0].Kind == ValueKind.Index)
            throw new ArgumentException($"'{operation.GetType().Name}': expected inputs, the first of real numbers, got [{string.Join(", ", inputs)}].");
        int[] sizes = operation.SizesOf([.. inputs.Select(input => new CustomInput(input.Sizes, input.Kind == ValueKind.Index))]);
        foreach (var parameter in operation.Parameters)
            Declare(parameter);
        return Produce(inputs[0].Kind, sizes, [.. inputs]);
    }

    private static void RequireDimension(ShapeValue x, int dimension, string name) =>
        Require(dimension >= 0 && dimension < x.Sizes.Length, name, $"a value with dimension {dimension}", x);

    private ShapeValue Alike(ShapeValue x, string name)
    {
        Require(x.Kind != ValueKind.Index, name, "real numbers", x);
        return Produce(x.Kind, x.Sizes, x);
    }

    private ShapeValue Repeated(ShapeValue a, ShapeValue b, string name)
    {
        bool fits = a.Kind != ValueKind.Index && a.Kind == b.Kind && a.Sizes.Length == b.Sizes.Length;
        for (int i = 0; fits && i < a.Sizes.Length; i++)
            fits = b.Sizes[i] == a.Sizes[i] || b.Sizes[i] == 1;
        Require(fits, name, $"{a} and the like, or 1 in dimensions to repeat", b);
        return Produce(a.Kind, a.Sizes, a, b);
    }
}
