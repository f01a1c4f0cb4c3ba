using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <content>Arithmetic and views.</content>
internal sealed partial class TorchOps
{
    /// <inheritdoc/>
    public TorchValue Silu(TorchValue x) => InPlace(x, static tensor => tensor.silu(), static tensor => tensor.silu_());

    /// <inheritdoc/>
    public TorchValue Relu(TorchValue x) => InPlace(x, static tensor => tensor.relu(), static tensor => tensor.relu_());

    /// <inheritdoc/>
    public TorchValue Sigmoid(TorchValue x) => InPlace(x, static tensor => tensor.sigmoid(), static tensor => tensor.sigmoid_());

    /// <inheritdoc/>
    public TorchValue Tanh(TorchValue x) => InPlace(x, static tensor => tensor.tanh(), static tensor => tensor.tanh_());

    /// <inheritdoc/>
    public TorchValue Exp(TorchValue x) => InPlace(x, static tensor => tensor.exp(), static tensor => tensor.exp_());

    /// <inheritdoc/>
    public TorchValue Sine(TorchValue x) => InPlace(x, static tensor => tensor.sin(), static tensor => tensor.sin_());

    /// <inheritdoc/>
    public TorchValue Cosine(TorchValue x) => InPlace(x, static tensor => tensor.cos(), static tensor => tensor.cos_());

    /// <inheritdoc/>
    public TorchValue Gelu(TorchValue x, bool approximate = false) =>
        approximate ? InPlace(x, TanhGelu.Of, TanhGelu.Overwrite) : Fresh(F.gelu(x.Tensor), x);

    /// <inheritdoc/>
    public TorchValue Detach(TorchValue x) => View(x.Tensor.detach(), x);

    /// <inheritdoc/>
    public TorchValue Scale(TorchValue x, double factor, double shift = 0)
    {
        bool overwrite = CanOverwrite(x);
        var result = overwrite ? x.Tensor.TimesInPlace(factor) : x.Tensor.Times(factor);
        if (shift != 0)
            result.PlusInPlace(shift);
        return overwrite ? Overwritten(x) : Fresh(result, x);
    }

    /// <inheritdoc/>
    public TorchValue Add(TorchValue a, TorchValue b)
    {
        bool alike = a.Tensor.NumberOfElements == b.Tensor.NumberOfElements;
        if (alike && !CanOverwrite(a))
            (a, b) = (b, a);
        if (!CanOverwrite(a))
            return Fresh(a.Tensor.Plus(b.Tensor), a, b);
        a.Tensor.PlusInPlace(b.Tensor);
        Release(b);
        return Overwritten(a);
    }

    /// <inheritdoc/>
    public TorchValue Multiply(TorchValue a, TorchValue b)
    {
        if (!CanOverwrite(a))
            return Fresh(a.Tensor.mul(b.Tensor), a, b);
        a.Tensor.mul_(b.Tensor);
        Release(b);
        return Overwritten(a);
    }

    /// <inheritdoc/>
    public TorchValue MatMul(TorchValue a, TorchValue b) => Fresh(a.Tensor.matmul(b.Tensor), a, b);

    /// <inheritdoc/>
    public TorchValue Softmax(TorchValue x, int dimension) => Fresh(x.Tensor.softmax(dimension), x);

    /// <inheritdoc/>
    public TorchValue Mean(TorchValue x, int dimension) => Fresh(x.Tensor.mean([dimension], keepdim: true), x);

    /// <inheritdoc/>
    public TorchValue ArgMin(TorchValue x) => Fresh(x.Tensor.argmin(-1), x);

    /// <inheritdoc/>
    public TorchValue Rows(TorchValue table, TorchValue indices) => Fresh(RowsOf(table.Tensor, indices.Tensor), table, indices);

    private static Tensor RowsOf(Tensor table, Tensor indices)
    {
        if (indices.dim() == 1)
            return table.index_select(0, indices);
        using var flat = indices.reshape(-1);
        using var rows = table.index_select(0, flat);
        return rows.view([.. indices.shape, table.size(1)]);
    }

    /// <inheritdoc/>
    public TorchValue Slice(TorchValue x, int dimension, int start, int length) => View(x.Tensor.narrow(dimension, start, length), x);

    /// <inheritdoc/>
    public TorchValue Pad(TorchValue x, int dimension, int before, int after)
    {
        // Pairs of numbers from the last dimension on.
        var zeros = new long[2 * (x.Tensor.dim() - dimension)];
        (zeros[^2], zeros[^1]) = (before, after);
        return Fresh(F.pad(x.Tensor, zeros), x);
    }

    /// <inheritdoc/>
    public TorchValue Permute(TorchValue x, params ReadOnlySpan<int> dimensions)
    {
        var order = new long[dimensions.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = dimensions[i];
        return View(x.Tensor.permute(order), x);
    }

    /// <inheritdoc/>
    public TorchValue Unsqueeze(TorchValue x, int dimension) => View(x.Tensor.unsqueeze(dimension), x);

    /// <inheritdoc/>
    public TorchValue Expand(TorchValue x, int dimension, int size)
    {
        long[] sizes = x.Tensor.shape;
        sizes[dimension] = size;
        using var view = x.Tensor.expand(sizes);
        return Fresh(view.contiguous(), x);
    }

    /// <inheritdoc/>
    public TorchValue Custom(CustomOperation operation, params IReadOnlyList<TorchValue> inputs)
    {
        var parameters = new Tensor[operation.Parameters.Count];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = NextParameter();
        var result = operation.Run([.. inputs.Select(input => input.Tensor)], parameters, _parameters.Copies);
        foreach (var input in inputs.Skip(1))
            Release(input);
        return Fresh(result, inputs[0]);
    }

    private TorchValue InPlace(TorchValue x, Func<Tensor, Tensor> fresh, Action<Tensor> overwrite)
    {
        if (!CanOverwrite(x))
            return Fresh(fresh(x.Tensor), x);
        overwrite(x.Tensor);
        return Overwritten(x);
    }
}
