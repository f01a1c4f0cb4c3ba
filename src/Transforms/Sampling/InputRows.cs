namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The rows of one input of a batch, as they were read.</summary>
/// <param name="input">How they are read.</param>
/// <param name="count">The number of rows.</param>
internal sealed class InputRows(BoundInput input, int count)
{
    private readonly float[] _values = new float[count * input.Width];

    /// <summary>The input.</summary>
    public BoundInput Input => input;

    /// <summary>A row.</summary>
    public Span<float> this[int place] => _values.AsSpan(place * input.Width, input.Width);

    /// <summary>A copy of all rows, in model space.</summary>
    public float[] Encode()
    {
        float[] encoded = [.. _values];
        for (int place = 0; place < count; place++)
            input.Encode(encoded.AsSpan(place * input.Width, input.Width));
        return encoded;
    }
}
