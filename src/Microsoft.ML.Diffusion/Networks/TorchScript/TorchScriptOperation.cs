using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A TorchScript module as an operation. For each set of parameters there is a copy of the module whose parameters are the buffers of ours; it lives as long as they do.</summary>
internal sealed class TorchScriptOperation : CustomOperation
{
    private readonly TorchScriptFile _file;
    private readonly Lazy<NetworkParameter[]> _parameters;
    private readonly ConcurrentDictionary<string, int[]> _sizes = new();

    public TorchScriptOperation(TorchScriptFile file)
    {
        _file = file;
        _parameters = new Lazy<NetworkParameter[]>(ReadParameters);
    }

    public override IReadOnlyList<NetworkParameter> Parameters => _parameters.Value;

    public override int[] SizesOf(IReadOnlyList<CustomInput> inputs) => _sizes.GetOrAdd(string.Join(", ", inputs.Select(Describe)), _ => Try(inputs));

    /// <exception cref="NotSupportedException">It runs with the parameters of a network alone.</exception>
    public override Tensor Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> parameters) => throw new NotSupportedException("A TorchScript module runs with the parameters of a network alone.");

    internal override Tensor Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> parameters, NativeCopies copies)
    {
        bool learns = is_grad_enabled() && parameters.Any(parameter => parameter.requires_grad);
        return copies.Get((this, parameters[0], learns), () => Bind(parameters, inputs, learns)).Call(inputs);
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
        using var module = _file.Load(CPU);
        try
        {
            using var answer = module.Call(nothing);
            if (answer.dtype != ScalarType.Float32)
                throw new ArgumentException($"The TorchScript module answers with {answer.dtype} to {called}; expected Float32.");
            return [.. answer.shape.Select(size => (int)size)];
        }
        catch (ExternalException exception)
        {
            throw new ArgumentException($"The TorchScript module can not be called as {called}: {TorchScriptFile.Words(exception)}", exception);
        }
    }

    private NetworkParameter[] ReadParameters()
    {
        using var module = _file.Load(CPU);
        var parameters = new List<NetworkParameter>();
        foreach (var (name, parameter) in module.Parameters)
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
    private TorchScriptModule Bind(IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> inputs, bool learns)
    {
        var module = _file.Load(parameters[0].device);
        try
        {
            for (int run = 0; run < TorchScriptModule.FirstRuns; run++)
            {
                using var scope = NewDisposeScope();
                var answer = module.Call(inputs);
                // With gradients of its own, which go when ours come.
                if (learns)
                    answer.sum().backward();
            }
            using var noGrad = no_grad();
            int i = 0;
            foreach (var (_, parameter) in module.Parameters)
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
        catch
        {
            module.Dispose();
            throw;
        }
    }
}
