using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.jit;

namespace Microsoft.ML.Diffusion;

/// <summary>A TorchScript module as an operation. For each set of parameters there is a copy of the module whose parameters are the buffers of ours.</summary>
internal sealed class TorchScriptOperation : CustomOperation
{
    private readonly ReadOnlyMemory<byte> _file;
    private readonly Lazy<ScriptModule> _trial;
    private readonly Lazy<NetworkParameter[]> _parameters;
    private readonly ConcurrentDictionary<string, int[]> _sizes = new();
    private readonly ConditionalWeakTable<Tensor, ScriptModule> _training = [];
    private readonly ConditionalWeakTable<Tensor, ScriptModule> _sampling = [];

    public TorchScriptOperation(ReadOnlyMemory<byte> file)
    {
        _file = file;
        _trial = new Lazy<ScriptModule>(() => TorchScriptModules.Load(file, CPU));
        _parameters = new Lazy<NetworkParameter[]>(() => ReadParameters(_trial.Value));
    }

    public override IReadOnlyList<NetworkParameter> Parameters => _parameters.Value;

    public override int[] SizesOf(IReadOnlyList<CustomInput> inputs) => _sizes.GetOrAdd(string.Join(", ", inputs.Select(Describe)), _ => Try(inputs));

    public override Tensor Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> parameters)
    {
        bool learns = is_grad_enabled() && parameters.Any(parameter => parameter.requires_grad);
        return TorchScriptModules.Call((learns ? _training : _sampling).GetValue(parameters[0], _ => Bind(parameters, inputs, learns)), inputs);
    }

    private static string Describe(CustomInput input) => $"{(input.IsIndex ? "Int64" : "Float32")} [{string.Join(", ", input.Sizes)}]";

    private int[] Try(IReadOnlyList<CustomInput> inputs)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        string called = $"forward({string.Join(", ", inputs.Select(Describe))})";
        if (Parameters.Count == 0)
            throw new ArgumentException("The TorchScript module has no parameters, and nothing to learn.");
        Tensor[] nothing = [.. inputs.Select(input => zeros([.. input.Sizes.Select(size => (long)size)], input.IsIndex ? ScalarType.Int64 : ScalarType.Float32))];
        try
        {
            using var answer = TorchScriptModules.Call(_trial.Value, nothing);
            if (answer.dtype != ScalarType.Float32)
                throw new ArgumentException($"The TorchScript module answers with {answer.dtype} to {called}; expected Float32.");
            return [.. answer.shape.Select(size => (int)size)];
        }
        catch (ExternalException exception)
        {
            throw new ArgumentException($"The TorchScript module can not be called as {called}: {TorchScriptFile.Words(exception)}", exception);
        }
    }

    private static NetworkParameter[] ReadParameters(ScriptModule module)
    {
        var parameters = new List<NetworkParameter>();
        foreach (var (name, parameter) in module.named_parameters())
        {
            using (parameter)
            {
                if (parameter.dtype != ScalarType.Float32)
                    throw new ArgumentException($"The TorchScript module has the parameter '{name}' of type {parameter.dtype}; expected Float32.");
                using var detached = parameter.detach();
                using var values = detached.contiguous();
                parameters.Add(new NetworkParameter(name, parameter.shape, values.data<float>().ToArray(), isFrozen: !parameter.requires_grad));
            }
        }
        return [.. parameters];
    }

    // Its parameters become views of ours, and so do their gradients: what the optimizer changes is changed here too.
    private ScriptModule Bind(IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> inputs, bool learns)
    {
        var module = TorchScriptModules.Load(_file, parameters[0].device);
        for (int run = 0; run < TorchScriptModules.FirstRuns; run++)
        {
            using var scope = NewDisposeScope();
            var answer = TorchScriptModules.Call(module, inputs);
            // With gradients of its own, which go when ours come.
            if (learns)
                answer.sum().backward();
        }
        using var noGrad = no_grad();
        int i = 0;
        foreach (var (_, parameter) in module.named_parameters())
        {
            using (parameter)
            using (var view = parameters[i].detach())
            using (var gradient = learns ? parameters[i].grad : null)
            {
                parameter.requires_grad_(false);
                parameter.set_(view);
                parameter.requires_grad_(gradient is not null);
                if (gradient is not null)
                    parameter.grad = gradient;
                i++;
            }
        }
        return module;
    }
}
