using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Runs a network on tensors, once. Each tensor is released right after its last use, which the program knows; while no gradient is
/// recorded, an operation writes into an input that nobody will read again.
/// </summary>
internal sealed partial class TorchOps : IOps<TorchValue>
{
    // A caller's tensor: never released, never written.
    private const int Foreign = int.MaxValue;

    private readonly NetworkProgram _program;
    private readonly FlatParameters _parameters;
    private readonly NetworkTables _tables;
    private readonly RowNoise? _dropout;
    private readonly bool _overwrite;
    private readonly bool _channelsLast;
    private readonly bool _wholeTiles;
    private readonly bool _castsToWorking;
    private int _value;
    private int _request;
    private int _dropoutDraw;

    public TorchOps(NetworkProgram program, FlatParameters parameters, NetworkTables tables, RowNoise? dropout)
    {
        if (parameters.Device.type == TorchSharp.DeviceType.CPU)
            FastConvolutions.Ensure();
        _program = program;
        _parameters = parameters;
        _tables = tables;
        _dropout = dropout;
        _overwrite = !is_grad_enabled();
        // In sampling on the CPU, pictures keep their channels side by side: see FusedGroupNorm.
        _channelsLast = _overwrite && parameters.Precision == Precision.Float32 && parameters.Device.type == TorchSharp.DeviceType.CPU;
        _wholeTiles = _channelsLast;
        _castsToWorking = parameters.Precision != Precision.Float32;
    }

    /// <summary>Wraps a tensor of the caller.</summary>
    public static TorchValue Input(Tensor tensor) => new(tensor, new TorchMemory { IsForeign = true }, Foreign);

    /// <summary>The result of the run, which the caller owns.</summary>
    public Tensor Finish(TorchValue result)
    {
        if (_value != _program.Uses.Length || _request != _program.Requests.Length)
            throw new InvalidOperationException("The network made other calls than in its pass over sizes: its code must depend on sizes alone.");
        if (result.Memory.IsForeign)
            return result.Tensor.clone();
        if (result.Tensor.is_contiguous())
            return result.Tensor;
        // Whatever layout the network worked in, its caller gets the usual one.
        using (result.Tensor)
            return result.Tensor.contiguous();
    }

    /// <inheritdoc/>
    public int PictureChannels => _program.PictureChannels;

    /// <inheritdoc/>
    public int Rank(TorchValue x) => x.Rank;

    /// <inheritdoc/>
    public int Size(TorchValue x, int dimension) => x.Size(dimension);

    private Tensor NextParameter() => _parameters.Working(_program.Requests[_request++]);

    private bool CanOverwrite(TorchValue x) => _overwrite && x.Uses == 1 && x.Memory is { Handles: 1, IsForeign: false };

    // The result of an operation that wrote into x.
    private TorchValue Overwritten(TorchValue x)
    {
        x.Uses = 0;
        return Own(x.Tensor, x.Memory);
    }

    private TorchValue Fresh(Tensor result, TorchValue source)
    {
        Release(source);
        return Own(result, new TorchMemory());
    }

    private TorchValue Fresh(Tensor result, TorchValue a, TorchValue b)
    {
        Release(b);
        return Fresh(result, a);
    }

    private TorchValue View(Tensor result, TorchValue source)
    {
        source.Memory.Handles++;
        var view = Own(result, source.Memory);
        Release(source);
        return view;
    }

    private TorchValue Own(Tensor tensor, TorchMemory memory)
    {
        var value = new TorchValue(tensor, memory, _program.Uses[_value], _program.Sizes[_value]);
        _value++;
        if (value.Uses == 0)
            Drop(value);
        return value;
    }

    private static void Release(TorchValue x)
    {
        if (x.Uses != Foreign && --x.Uses == 0)
            Drop(x);
    }

    private static void Drop(TorchValue x)
    {
        x.Tensor.Dispose();
        x.Memory.Handles--;
    }
}
