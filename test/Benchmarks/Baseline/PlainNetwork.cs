using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Any network of the library on <see cref="PlainOps"/>, with a copy of its weights.</summary>
internal sealed class PlainNetwork : IDisposable
{
    private readonly Network _network;
    private readonly Dictionary<string, Parameter> _named = [];
    private readonly Dictionary<string, Tensor> _tables = [];

    public PlainNetwork(Network network, FlatParameters parameters)
    {
        _network = network;
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            var info = parameters.Inventory[i];
            var values = new float[info.Count];
            parameters.Read(i, values);
            _named[info.Name] = new Parameter(tensor(values, [.. info.Shape]), requires_grad: !info.IsFrozen);
        }
    }

    /// <summary>The parameters that are trained.</summary>
    public IReadOnlyList<Parameter> Trained => [.. _named.Values.Where(parameter => parameter.requires_grad)];

    /// <summary>The answer, in the caller's dispose scope.</summary>
    public Tensor Answer(Tensor x, Tensor level, IReadOnlyList<Condition<Tensor>> conditions) => _network.Forward(new PlainOps(_named, _tables), x, level, conditions);

    public void Dispose()
    {
        foreach (var tensor in _named.Values.Concat(_tables.Values))
            tensor.Dispose();
    }
}
