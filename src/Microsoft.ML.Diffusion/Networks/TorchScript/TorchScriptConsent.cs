namespace Microsoft.ML.Diffusion;

/// <summary>What a program allows TorchScript to do. A file of TorchScript is a program; see SECURITY.md.</summary>
/// <remarks>
/// Files that a program names itself (<see cref="TorchScriptNetwork.FromFile"/> and its like) are read as they are, but run only after a check: their code may use operators that compute on tensors, and
/// nothing else. Files that come inside a model are not read at all unless the program allows it.
/// </remarks>
public static class TorchScriptConsent
{
    /// <summary>The switch of <see cref="AppContext"/> that lets models bring TorchScript with them, for the whole process. Default: false.</summary>
    public const string ModelsSwitch = "Microsoft.ML.Diffusion.TorchScript.AllowInModels";

    /// <summary>
    /// The switch of <see cref="AppContext"/> that runs TorchScript without the check of its operators, for the whole process: it may then read and write files, and a mistake in it may end the process.
    /// For files that you made yourself. Default: false.
    /// </summary>
    public const string UncheckedSwitch = "Microsoft.ML.Diffusion.TorchScript.AllowAnyOperator";

    private static readonly AsyncLocal<int> Allowed = new();

    internal static bool AllowsAnyOperator => AppContext.TryGetSwitch(UncheckedSwitch, out bool allows) && allows;

    /// <summary>Lets models that are loaded until the result is disposed bring TorchScript with them; on this thread and in what it awaits and starts.</summary>
    /// <remarks><c>using (TorchScriptConsent.AllowInModels()) model = ml.Model.Load(path, out var schema);</c></remarks>
    public static IDisposable AllowInModels() => new Scope();

    /// <summary>Refuses TorchScript out of a model, unless it is allowed.</summary>
    /// <exception cref="TorchScriptConsentException">It is not.</exception>
    internal static void RequireForModel(string part)
    {
        if (Allowed.Value == 0 && !(AppContext.TryGetSwitch(ModelsSwitch, out bool allows) && allows))
            throw new TorchScriptConsentException(
                $"The model holds TorchScript ({part}): a program, which would run here. If you know who made the model, and trust them, load it within using ({nameof(TorchScriptConsent)}.{nameof(AllowInModels)}()), or set "
                + $"AppContext.SetSwitch(\"{ModelsSwitch}\", true) at the start of the program. Its code is checked all the same.");
    }

    private sealed class Scope : IDisposable
    {
        private bool _isOver;

        public Scope() => Allowed.Value++;

        public void Dispose()
        {
            if (!_isOver)
                Allowed.Value--;
            _isOver = true;
        }
    }
}
