using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// All parameters of a network in one flat buffer, their gradients in another: an optimizer is one kernel, a moving average one
/// <c>lerp_</c>, a norm one call. Names are views into the buffer.
/// </summary>
/// <remarks>
/// In bf16 the network computes with a bf16 copy of the Float32 master, and its gradients arrive in bf16. A training step is:
/// <see cref="ZeroGradients"/>, forward, backward, <see cref="CollectGradients"/>, change <see cref="Master"/> by
/// <see cref="Gradients"/>, <see cref="PublishWeights"/>. Padding between parameters has zero gradients; what it holds does not matter. Reading is thread safe.
/// </remarks>
public sealed partial class FlatParameters : IDisposable
{
    // 64 bytes in bf16, 128 in Float32: whole cache lines and the widest vectors.
    private const long Alignment = 32;

    private readonly long[] _offsets;
    private readonly Tensor[] _views;
    private readonly Tensor _working;
    private readonly Tensor? _workingGradients;
    private readonly Tensor? _gradients;
    private Tensor? _ema;

    private FlatParameters(IReadOnlyList<NetworkParameter> inventory, Device device, Precision precision, bool trainable)
    {
        Inventory = inventory;
        Copies = new NativeCopies();
        Precision = precision;
        Device = device;
        _offsets = new long[inventory.Count];
        // What training leaves alone lies behind what it moves.
        TrainedLength = Place(0, isFrozen: false);
        Length = Place(TrainedLength, isFrozen: true);
        Count = inventory.Sum(parameter => parameter.Count);
        using var mode = InferenceMode.Leave();
        using var noGrad = no_grad();
        Master = Flat(ScalarType.Float32, Length);
        Trained = Master.narrow(0, 0, TrainedLength).DetachFromDisposeScope();
        _working = precision == Precision.Float32 ? Master : Flat(precision.ToScalarType(), Length);
        if (trainable)
        {
            _gradients = Flat(ScalarType.Float32, TrainedLength);
            _workingGradients = precision == Precision.Float32 ? _gradients : Flat(precision.ToScalarType(), TrainedLength);
        }
        _views = [.. Enumerable.Range(0, inventory.Count).Select(View)];

        long Place(long offset, bool isFrozen)
        {
            for (int i = 0; i < inventory.Count; i++)
            {
                if (inventory[i].IsFrozen != isFrozen)
                    continue;
                _offsets[i] = offset;
                offset += (inventory[i].Count + Alignment - 1) / Alignment * Alignment;
            }
            return offset;
        }
    }

    /// <summary>The parameters in the order of the buffer.</summary>
    public IReadOnlyList<NetworkParameter> Inventory { get; }

    /// <summary>The number of parameter values.</summary>
    public long Count { get; }

    /// <summary>The length of the flat buffers, padding included.</summary>
    public long Length { get; }

    /// <summary>The precision in which the network computes.</summary>
    public Precision Precision { get; }

    /// <summary>Where the buffers live.</summary>
    public Device Device { get; }

    /// <summary>The weights [<see cref="Length"/>], Float32; not the caller's to dispose. After a change call <see cref="PublishWeights"/>.</summary>
    public Tensor Master { get; }

    /// <summary>The part of <see cref="Length"/> that training moves: all but frozen parameters, which lie behind it.</summary>
    public long TrainedLength { get; }

    /// <summary>The part of <see cref="Master"/> that training moves [<see cref="TrainedLength"/>]: a view, not the caller's to dispose.</summary>
    public Tensor Trained { get; }

    /// <summary>The gradients [<see cref="TrainedLength"/>] as of <see cref="CollectGradients"/>, Float32; not the caller's to dispose.</summary>
    /// <exception cref="InvalidOperationException">These parameters are not trainable.</exception>
    public Tensor Gradients => _gradients ?? throw NotTrainable();

    /// <summary>The moving average of the weights [<see cref="Length"/>], Float32: equal to <see cref="Master"/> when first asked for; from then on the caller moves it. Not the caller's to dispose.</summary>
    public Tensor Ema => _ema ??= Master.clone().DetachFromDisposeScope();

    /// <summary>Allocates parameters and starts them: each from the seed and its own name, whatever else the network has.</summary>
    /// <param name="inventory">The parameters: <see cref="Network.ListParameters"/>.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="device">Where the buffers live.</param>
    /// <param name="precision">The precision in which the network computes.</param>
    /// <param name="trainable">Whether there are gradients.</param>
    /// <exception cref="NotSupportedException">The device does not compute in the precision.</exception>
    public static FlatParameters Create(IReadOnlyList<NetworkParameter> inventory, ulong seed, Device device, Precision precision, bool trainable)
    {
        var parameters = Allocate(inventory, device, precision, trainable);
        for (int i = 0; i < inventory.Count; i++)
        {
            var values = new float[inventory[i].Count];
            if (inventory[i].Values is { } given)
                given.CopyTo(values);
            else
                inventory[i].Initializer.Fill(values, seed, RowKey.FromName(inventory[i].Name));
            parameters.Write(i, values);
        }
        parameters.PublishWeights();
        return parameters;
    }

    /// <summary>Parameters of zeros, to be written by <see cref="Write"/> and <see cref="PublishWeights"/>.</summary>
    /// <param name="inventory">The parameters: <see cref="Network.ListParameters"/>.</param>
    /// <param name="device">Where the buffers live.</param>
    /// <param name="precision">The precision in which the network computes.</param>
    /// <param name="trainable">Whether there are gradients.</param>
    /// <exception cref="NotSupportedException">The device does not compute in the precision.</exception>
    public static FlatParameters Allocate(IReadOnlyList<NetworkParameter> inventory, Device device, Precision precision, bool trainable)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(device);
        return new FlatParameters(inventory, device, precision.Resolve(device), trainable);
    }

    /// <summary>A copy of the weights, or of their moving average, without gradients: what is sampled from and saved.</summary>
    /// <param name="ema">Whether to copy the moving average.</param>
    /// <param name="precision">The precision in which the copy computes.</param>
    /// <exception cref="NotSupportedException">The device does not compute in the precision.</exception>
    public FlatParameters Snapshot(bool ema, Precision precision)
    {
        var copy = Allocate(Inventory, Device, precision, trainable: false);
        using (no_grad())
            copy.Master.copy_(ema ? Ema : Master);
        copy.PublishWeights();
        return copy;
    }

    /// <summary>Sets the gradients to zero. Backward passes add to them.</summary>
    public void ZeroGradients() => (_workingGradients ?? throw NotTrainable()).zero_();

    /// <summary>Makes what backward passes have added visible in <see cref="Gradients"/>.</summary>
    /// <exception cref="InvalidOperationException">Not trainable; or something replaced the gradients, as a backward pass with create_graph does.</exception>
    public void CollectGradients()
    {
        if (_gradients is null)
            throw NotTrainable();
        CheckGradientStorage();
        if (!ReferenceEquals(_gradients, _workingGradients))
            _gradients.copy_(_workingGradients!);
    }

    /// <summary>Makes a change of <see cref="Master"/> visible to the network.</summary>
    public void PublishWeights()
    {
        if (ReferenceEquals(_working, Master))
            return;
        using var noGrad = no_grad();
        _working.copy_(Master);
    }

    /// <summary>Moves an average of the weights: replaces a share of it by them.</summary>
    /// <param name="average">The average [<see cref="Length"/>], Float32, changed in place.</param>
    /// <param name="share">The share, in [0, 1].</param>
    internal void MoveAverage(Tensor average, double share)
    {
        using var noGrad = no_grad();
        using var weight = tensor((float)share, device: Device);
        average.lerp_(Master, weight);
    }

    /// <summary>Reads a parameter's weights.</summary>
    /// <param name="index">Its index in <see cref="Inventory"/>.</param>
    /// <param name="values">As many numbers as it has values.</param>
    public void Read(int index, Span<float> values)
    {
        using var slice = Master.narrow(0, _offsets[index], Inventory[index].Count);
        using var host = slice.cpu();
        Host(host).CopyTo(values);
    }

    /// <summary>Writes a parameter's weights. Call <see cref="PublishWeights"/> afterwards.</summary>
    /// <param name="index">Its index in <see cref="Inventory"/>.</param>
    /// <param name="values">As many numbers as it has values.</param>
    public void Write(int index, ReadOnlySpan<float> values)
    {
        if (values.Length != Inventory[index].Count)
            throw new ArgumentException($"Parameter {Inventory[index]} has {Inventory[index].Count} values, got {values.Length}.", nameof(values));
        using var slice = Master.narrow(0, _offsets[index], values.Length);
        if (Device.type == DeviceType.CPU)
        {
            values.CopyTo(Host(slice));
            return;
        }
        using var host = tensor(values.ToArray());
        using var noGrad = no_grad();
        slice.copy_(host);
    }

    /// <summary>Releases the buffers.</summary>
    public void Dispose()
    {
        if (_isPart)
            return;
        Copies.Dispose();
        foreach (var view in _views)
            view.Dispose();
        if (_isReplica)
        {
            _workingGradients!.Dispose();
            return;
        }
        Trained.Dispose();
        Master.Dispose();
        _working.Dispose();
        _gradients?.Dispose();
        _workingGradients?.Dispose();
        _ema?.Dispose();
    }

    /// <summary>1 where a value belongs to a parameter of two dimensions or more, 0 elsewhere: [<see cref="TrainedLength"/>], Float32, a fresh tensor outside any scope.</summary>
    internal Tensor Matrices()
    {
        using var noGrad = no_grad();
        using var one = tensor(1f, device: Device);
        var mask = Flat(ScalarType.Float32, TrainedLength);
        for (int i = 0; i < Inventory.Count; i++)
        {
            if (Inventory[i].Shape.Count < 2 || Inventory[i].IsFrozen)
                continue;
            using var slice = mask.narrow(0, _offsets[i], Inventory[i].Count);
            slice.copy_(one);
        }
        return mask;
    }

    /// <summary>Native things that use these buffers, and are freed with them.</summary>
    internal NativeCopies Copies { get; }

    /// <summary>A parameter as the network sees it; not the caller's to dispose.</summary>
    internal Tensor Working(int index) => _views[index];

    private static Span<float> Host(Tensor flat) => MemoryMarshal.Cast<byte, float>(flat.bytes);

    private static InvalidOperationException NotTrainable() => new("These parameters are not trainable: they have no gradients.");

    private Tensor Flat(ScalarType type, long length) => zeros(length, type, Device).DetachFromDisposeScope();

    private Tensor Slice(Tensor flat, int index)
    {
        using var range = flat.narrow(0, _offsets[index], Inventory[index].Count);
        return range.view(Inventory[index].ShapeArray);
    }

    // A leaf of its own on the shared storage, whose gradients libtorch adds up in the flat buffer.
    private Tensor View(int index)
    {
        using var slice = Slice(Inventory[index].IsFrozen ? Master : _working, index);
        var view = slice.detach().DetachFromDisposeScope();
        if (_workingGradients is null || Inventory[index].IsFrozen)
            return view;
        view.requires_grad_(true);
        using var gradient = Slice(_workingGradients, index);
        view.grad = gradient;
        return view;
    }

    private void CheckGradientStorage()
    {
        int last = _views.Length - 1;
        while (last >= 0 && Inventory[last].IsFrozen)
            last--;
        if (last < 0 || Device.type != DeviceType.CPU)
            return;
        using var gradient = _views[last].grad;
        using var expected = Slice(_workingGradients!, last);
        if (gradient is null || !Unsafe.AreSame(ref MemoryMarshal.GetReference(gradient.bytes), ref MemoryMarshal.GetReference(expected.bytes)))
            throw new InvalidOperationException("The gradients no longer lie in the flat buffer: a backward pass with create_graph, or an assignment, replaced them.");
    }
}
