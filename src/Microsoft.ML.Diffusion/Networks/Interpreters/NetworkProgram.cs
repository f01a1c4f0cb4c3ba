namespace Microsoft.ML.Diffusion;

/// <summary>
/// What one pass over a network's sizes tells: its parameters, and for the same sizes the sequence in which values come to be and
/// parameters are asked for. The n-th value of the pass is the n-th of every later run.
/// </summary>
internal sealed class NetworkProgram
{
    private NetworkProgram(ShapeOps ops, ShapeValue output)
    {
        Parameters = ops.Parameters;
        Requests = [.. ops.Requests];
        Uses = [.. ops.Uses];
        Sizes = [.. ops.Sizes];
        Output = output;
        PeakCount = Peak(ops);
        PictureChannels = ops.PictureChannels;
        Products = ops.Products;
    }

    /// <summary>The parameters in the order of their first use.</summary>
    public IReadOnlyList<NetworkParameter> Parameters { get; }

    /// <summary>The index of the n-th parameter asked for.</summary>
    public int[] Requests { get; }

    /// <summary>How often the n-th value is used, the run's result once more.</summary>
    public int[] Uses { get; }

    /// <summary>The sizes of the n-th value.</summary>
    public int[][] Sizes { get; }

    /// <summary>
    /// The largest number of numbers that values hold at one time in a run without gradients. An upper bound: values that are views of others, or written over others, are counted as if they were not.
    /// </summary>
    public long PeakCount { get; }

    /// <summary>The number of products that convolutions and products of matrices take; custom operations do not tell theirs.</summary>
    public long Products { get; }

    /// <summary>How many channels of the input are pictures that condition it (<see cref="IOps{T}.PictureChannels"/>).</summary>
    public int PictureChannels { get; }

    /// <summary>The result.</summary>
    public ShapeValue Output { get; }

    /// <summary>Passes over a network's sizes.</summary>
    /// <exception cref="ArgumentException">Sizes do not fit; names the layer.</exception>
    public static NetworkProgram Trace(Network network, IReadOnlyList<int> batchShape, IReadOnlyList<ConditionSlot> slots)
    {
        if (!network.ReadsTokens && slots.OfType<TokensCondition>().FirstOrDefault() is { } unread)
            throw new ArgumentException($"{network.GetType().Name} does not read tokens, of which condition '{unread.Name}' is made. Put a text encoder in front: new {nameof(TextConditionedNetwork)}(network, {nameof(TokenEncoder)}.{nameof(TokenEncoder.Small)}).", nameof(slots));
        int rows = batchShape[0];
        var pictures = slots.OfType<PictureCondition>().ToArray();
        foreach (var picture in pictures)
            if (batchShape.Count != 4 || !picture.Shape.Dimensions.Skip(1).SequenceEqual(batchShape.Skip(2)))
                throw new ArgumentException($"Condition '{picture.Name}' is a picture {picture.Shape}, which the network sees beside pictures of its height and width alone; its samples are [{string.Join(", ", batchShape.Skip(1))}].", nameof(slots));
        var ops = new ShapeOps { PictureChannels = pictures.Sum(picture => picture.Shape.Dimensions[0]) };
        var conditions = slots.Where(slot => slot is not PictureCondition).Select(slot => ConditionOf(slot, rows)).ToArray();
        int[] input = [rows, checked((network.SelfConditions ? 2 * batchShape[1] : batchShape[1]) + ops.PictureChannels), .. batchShape.Skip(2)];
        var output = Forward(network, ops, input, rows, conditions);
        int[] expected = [rows, .. network.AnswerShape(new DataShape([.. batchShape.Skip(1)])).Dimensions];
        if (!output.Sizes.AsSpan().SequenceEqual(expected) || output.Kind != ValueKind.Full)
            throw new ArgumentException($"{network.GetType().Name} answers {output} ({output.Kind}) to [{string.Join(", ", input)}]{(pictures.Length > 0 ? $", the last {ops.PictureChannels} channels of which are pictures that condition it" : "")}; expected [{string.Join(", ", expected)}] in Float32.", nameof(network));
        return Of(ops, output);
    }

    private static ShapeValue Forward(Network network, ShapeOps ops, int[] input, int rows, Condition<ShapeValue>[] conditions)
    {
        try
        {
            return network.Forward(ops, ShapeOps.Input(ValueKind.Full, input), ShapeOps.Input(ValueKind.Full, rows), conditions);
        }
        catch (OverflowException exception)
        {
            throw new ArgumentException($"{network.GetType().Name} has layers whose sizes are too large to be counted, for samples [{string.Join(", ", input.Skip(1))}].", nameof(network), exception);
        }
    }

    /// <summary>Passes over the sizes of any computation.</summary>
    /// <param name="computation">The computation.</param>
    /// <param name="known">The parameters of a whole that the computation is a part of; none where it is the whole.</param>
    /// <exception cref="ArgumentException">Sizes do not fit; names the layer.</exception>
    public static NetworkProgram Trace(Func<ShapeOps, ShapeValue> computation, params IReadOnlyList<NetworkParameter> known)
    {
        var ops = new ShapeOps(known);
        return Of(ops, computation(ops));
    }

    /// <summary>A condition of a number of rows, as sizes.</summary>
    public static Condition<ShapeValue> ConditionOf(ConditionSlot slot, int rows)
    {
        var present = ShapeOps.Input(ValueKind.Full, rows, 1);
        return slot switch
        {
            ClassCondition => new(slot, ShapeOps.Input(ValueKind.Index, rows), present),
            TokensCondition tokens => new(slot, ShapeOps.Input(ValueKind.Index, rows, tokens.Tokens), present, ShapeOps.Input(ValueKind.Full, rows, tokens.Tokens)),
            SequenceCondition sequence => new(slot, ShapeOps.Input(ValueKind.Full, rows, sequence.Tokens, sequence.TokenWidth), present, ShapeOps.Input(ValueKind.Full, rows, sequence.Tokens)),
            _ => new(slot, ShapeOps.Input(ValueKind.Full, rows, slot.Width), present),
        };
    }

    private static long Peak(ShapeOps ops)
    {
        var changes = new long[ops.Sizes.Count + 2];
        for (int value = 0; value < ops.Sizes.Count; value++)
        {
            long count = ops.Sizes[value].Aggregate(1L, (product, size) => product * size);
            changes[value] += count;
            changes[ops.LastUses[value] + 1] -= count;
        }
        long held = 0, peak = 0;
        foreach (long change in changes)
            peak = Math.Max(peak, held += change);
        return peak;
    }

    private static NetworkProgram Of(ShapeOps ops, ShapeValue output)
    {
        ops.Use(output);
        return new NetworkProgram(ops, output);
    }
}
