using static TorchSharp.torch;
using static TorchSharp.torch.jit;

namespace Microsoft.ML.Diffusion;

/// <summary>A TorchScript module of libtorch.</summary>
/// <remarks>Thread safe once it is made ready; not while it is disposed.</remarks>
internal sealed class TorchScriptModule : IDisposable
{
    /// <summary>TorchScript watches so many runs of a module, and then rewrites it: from there on its kernels stay the same.</summary>
    public const int FirstRuns = 3;

    private readonly ScriptModule _module;
    private readonly Lock? _calling;

    /// <summary>Takes a module over.</summary>
    /// <param name="module">The module.</param>
    /// <param name="isOneAtATime">Whether it must not be called twice at once.</param>
    public TorchScriptModule(ScriptModule module, bool isOneAtATime)
    {
        _module = module;
        _calling = isOneAtATime ? new Lock() : null;
        _module.eval();
    }

    /// <summary>The parameters; each the caller's to dispose.</summary>
    public IEnumerable<(string Name, TorchSharp.Modules.Parameter Parameter)> Parameters => _module.named_parameters();

    /// <summary>The module's answer: a fresh tensor. A module may answer with its input itself, or with a view: the copy is ours, and its numbers lie in order.</summary>
    /// <exception cref="ArgumentException">It answers with something else than one tensor.</exception>
    public Tensor Call(IReadOnlyList<Tensor> inputs)
    {
        object answer;
        if (_calling is null)
            answer = _module.call([.. inputs]);
        else
            lock (_calling)
                answer = _module.call([.. inputs]);
        if (answer is not Tensor tensor)
            throw new ArgumentException($"The TorchScript module answers with {answer?.GetType().Name ?? "nothing"}; expected one tensor.");
        using (tensor)
            return tensor.is_contiguous() ? tensor.clone() : tensor.contiguous();
    }

    /// <inheritdoc/>
    public void Dispose() => _module.Dispose();
}
