using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.jit;

namespace Microsoft.ML.Diffusion;

/// <summary>A TorchScript file as a function whose weights stay as they are; one copy of the module for each device.</summary>
/// <remarks>Thread safe. Gradients flow to the arguments alone.</remarks>
internal sealed class TorchScriptFunction
{
    private readonly ConcurrentDictionary<string, Lazy<ScriptModule>> _modules = new();
    private readonly ReadOnlyMemory<byte> _file;

    /// <summary>The function of a file's content.</summary>
    /// <exception cref="ArgumentException">It is no TorchScript file, or needs operators of an extension.</exception>
    public TorchScriptFunction(ReadOnlyMemory<byte> file)
    {
        TorchScriptFile.Check(file);
        _file = file;
    }

    /// <summary>Calls the module's forward.</summary>
    /// <param name="arguments">The arguments, of any real types; Float32 to the module. They are on one device.</param>
    /// <returns>A fresh tensor of the type of the first argument.</returns>
    /// <exception cref="ArgumentException">The module can not be loaded or called so, or answers with something else than a tensor; says why.</exception>
    public Tensor Call(params IReadOnlyList<Tensor> arguments)
    {
        var device = arguments[0].device;
        Tensor[] inputs = [.. arguments.Select(argument => argument.to(ScalarType.Float32))];
        try
        {
            // A failure is not kept: another model's arguments may fit.
            var module = _modules.GetOrAdd(device.ToString(), _ => new Lazy<ScriptModule>(() => Ready(device, inputs), LazyThreadSafetyMode.PublicationOnly)).Value;
            using var answer = TorchScriptModules.Call(module, inputs);
            return answer.to(arguments[0].dtype, copy: true);
        }
        catch (ExternalException exception)
        {
            string called = string.Join(", ", arguments.Select(argument => $"Float32 [{string.Join(", ", argument.shape)}]"));
            throw new ArgumentException($"The TorchScript module can not be called as forward({called}): {TorchScriptFile.Words(exception)}", exception);
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    private ScriptModule Ready(Device device, Tensor[] inputs)
    {
        var module = TorchScriptModules.Load(_file, device);
        foreach (var (_, parameter) in module.named_parameters())
            using (parameter)
                parameter.requires_grad_(false);
        for (int run = 0; run < 2 * TorchScriptModules.FirstRuns; run++)
        {
            using var scope = NewDisposeScope();
            using var mode = run < TorchScriptModules.FirstRuns ? no_grad() : enable_grad();
            var answer = TorchScriptModules.Call(module, [inputs[0].detach().requires_grad_(), .. inputs[1..]]);
            if (answer.requires_grad)
                answer.sum().backward();
        }
        return module;
    }
}
