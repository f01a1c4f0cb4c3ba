using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>What native code threw, by its words.</summary>
internal sealed class NativeCodeException(string message) : ExternalException(message);
