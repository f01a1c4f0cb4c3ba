namespace Microsoft.ML.Diffusion;

/// <summary>A model brings TorchScript with it, and the program does not allow that: see <see cref="TorchScriptConsent"/>.</summary>
public sealed class TorchScriptConsentException : Exception
{
    /// <summary>Without further words.</summary>
    public TorchScriptConsentException()
        : base("The model holds TorchScript, which the program does not allow.")
    {
    }

    /// <summary>With a message.</summary>
    /// <param name="message">What was met, and how to allow it.</param>
    public TorchScriptConsentException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    /// <param name="message">What was met, and how to allow it.</param>
    /// <param name="innerException">The cause.</param>
    public TorchScriptConsentException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
