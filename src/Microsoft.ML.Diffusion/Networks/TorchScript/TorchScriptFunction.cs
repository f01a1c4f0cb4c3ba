using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A TorchScript file as a function whose weights stay as they are; one copy of the module for each device.</summary>
/// <remarks>
/// Thread safe. Gradients flow to the arguments alone. The copies are made by the first call, and freed by <see cref="Dispose"/> or when the last holder lets go; a later call makes them anew.
/// </remarks>
internal sealed class TorchScriptFunction : IDisposable
{
    private readonly TorchScriptFile _file;
    private readonly NativeCopies _copies = new();
    private readonly Lock _counting = new();
    private int _holders;
    private int _calls;
    private bool _isUnused;

    /// <summary>The function of a file's content.</summary>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    public TorchScriptFunction(ReadOnlyMemory<byte> file) => _file = new TorchScriptFile(file);

    /// <summary>The number of copies of the module.</summary>
    public int Copies => _copies.Count;

    /// <summary>Says that it will be called.</summary>
    public void Hold()
    {
        lock (_counting)
            _holders++;
    }

    /// <summary>Says that its holder calls no more.</summary>
    public void LetGo()
    {
        lock (_counting)
            _holders--;
        Dispose();
    }

    /// <summary>Frees the copies as soon as nobody holds or calls it.</summary>
    public void Dispose()
    {
        lock (_counting)
        {
            _isUnused = true;
            FreeUnused();
        }
    }

    /// <summary>Calls the module's forward.</summary>
    /// <param name="arguments">The arguments, of any real types; Float32 to the module. They are on one device.</param>
    /// <returns>A fresh tensor of the type of the first argument.</returns>
    /// <exception cref="ArgumentException">The module can not be loaded or called so, or answers with something else than a tensor; says why.</exception>
    public Tensor Call(params IReadOnlyList<Tensor> arguments)
    {
        var device = arguments[0].device;
        lock (_counting)
            _calls++;
        Tensor[] inputs = [.. arguments.Select(argument => argument.to(ScalarType.Float32))];
        try
        {
            var module = _copies.Get(device.ToString(), () => Ready(device, inputs));
            using var answer = module.Call(inputs);
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
            lock (_counting)
            {
                _calls--;
                FreeUnused();
            }
        }
    }

    private void FreeUnused()
    {
        if (!_isUnused || _holders > 0 || _calls > 0)
            return;
        _isUnused = false;
        _copies.Dispose();
    }

    private TorchScriptModule Ready(Device device, Tensor[] inputs)
    {
        var module = _file.Load(device);
        try
        {
            foreach (var (_, parameter) in module.Parameters)
                using (parameter)
                    parameter.requires_grad_(false);
            for (int run = 0; run < 2 * TorchScriptModule.FirstRuns; run++)
            {
                using var scope = NewDisposeScope();
                using var mode = run < TorchScriptModule.FirstRuns ? no_grad() : enable_grad();
                var answer = module.Call([inputs[0].detach().requires_grad_(), .. inputs[1..]]);
                if (answer.requires_grad)
                    answer.sum().backward();
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
