namespace Microsoft.ML.Diffusion;

/// <summary>
/// The native libraries of libtorch are missing or can not be loaded. The message names the file, the folders that were
/// looked at, and what to install.
/// </summary>
public sealed class TorchNotFoundException : DllNotFoundException
{
    /// <summary>Creates the exception with a default message.</summary>
    public TorchNotFoundException()
        : this("libtorch could not be loaded.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What is missing, and what to do.</param>
    public TorchNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    /// <param name="message">What is missing, and what to do.</param>
    /// <param name="innerException">What the operating system's loader or TorchSharp said.</param>
    public TorchNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
