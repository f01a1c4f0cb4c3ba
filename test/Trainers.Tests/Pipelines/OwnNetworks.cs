namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>A user's network, as docs/networks.md shows it.</summary>
internal sealed class GatedMlp : Network
{
    public int Width { get; init; } = 32;

    public override void Validate(DataShape shape)
    {
        if (shape.Dimensions.Count != 1)
            throw new ArgumentException($"GatedMlp takes vectors [length], got {shape}.", nameof(shape));
    }

    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        var features = ops.ToWorking(ops.Sinusoids(level, 16, maxFrequency: 30));
        var gate = ops.Linear(features, "gate", 2 * Width);
        foreach (var condition in conditions)
            gate = ops.Add(gate, ops.Embedding(condition.Value, "class", ((ClassCondition)condition.Slot).Count + 1, 2 * Width));
        var h = ops.Silu(ops.Linear(ops.ToWorking(x), "in", Width));
        h = ops.Silu(ops.Linear(ops.Modulate(h, gate), "middle", Width));
        return ops.ToFloat32(ops.Linear(h, "out", ops.Size(x, 1), Initializer.Zeros));
    }
}

/// <summary>One that nobody registered.</summary>
internal sealed class NamelessNetwork : Network
{
    public override void Validate(DataShape shape)
    {
    }

    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions) => x;
}
