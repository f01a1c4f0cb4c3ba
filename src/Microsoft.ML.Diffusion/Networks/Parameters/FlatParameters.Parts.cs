namespace Microsoft.ML.Diffusion;

/// <content>Several networks in one buffer, so that one optimizer moves all.</content>
public sealed partial class FlatParameters
{
    private readonly bool _isPart;

    private FlatParameters(FlatParameters whole, int first, IReadOnlyList<NetworkParameter> inventory)
    {
        for (int i = 0; i < inventory.Count; i++)
            if (!inventory[i].Shape.SequenceEqual(whole.Inventory[first + i].Shape))
                throw new ArgumentException($"Expected {inventory[i]}, got {whole.Inventory[first + i]}.", nameof(inventory));
        Inventory = inventory;
        Copies = whole.Copies;
        Precision = whole.Precision;
        Device = whole.Device;
        Count = inventory.Sum(parameter => parameter.Count);
        (Length, TrainedLength) = (whole.Length, whole.TrainedLength);
        (Master, Trained) = (whole.Master, whole.Trained);
        (_working, _workingGradients, _gradients) = (whole._working, whole._workingGradients, whole._gradients);
        _offsets = whole._offsets[first..(first + inventory.Count)];
        _views = whole._views[first..(first + inventory.Count)];
        _isPart = true;
    }

    /// <summary>Some of these parameters under names of their own, as a network that is a part of a whole sees them. Disposing it releases nothing; it is used while the whole lives.</summary>
    /// <param name="first">The index of the first.</param>
    /// <param name="inventory">What the network calls them.</param>
    internal FlatParameters Part(int first, IReadOnlyList<NetworkParameter> inventory) => new(this, first, inventory);

    /// <summary>A copy of some of these parameters, Float32 and without gradients, in buffers of their own. The caller disposes it.</summary>
    /// <inheritdoc cref="Part" path="/param"/>
    internal FlatParameters CopyPart(int first, IReadOnlyList<NetworkParameter> inventory)
    {
        var copy = Allocate(inventory, Device, Precision.Float32, trainable: false);
        for (int i = 0; i < inventory.Count; i++)
        {
            var values = new float[inventory[i].Count];
            Read(first + i, values);
            copy.Write(i, values);
        }
        return copy;
    }
}
