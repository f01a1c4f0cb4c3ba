namespace Microsoft.ML.Diffusion;

/// <summary>What an implementation calls the layers of a residual block.</summary>
internal sealed record ResidualNames(string Norm1, string Conv1, string Embedding, string Norm2, string Conv2, string Shortcut)
{
    /// <summary>Hugging Face diffusers.</summary>
    public static ResidualNames Diffusers { get; } = new(".norm1", ".conv1", ".time_emb_proj", ".norm2", ".conv2", ".conv_shortcut");

    /// <summary>openai/guided-diffusion.</summary>
    public static ResidualNames GuidedDiffusion { get; } = new(".in_layers.0", ".in_layers.2", ".emb_layers.1", ".out_layers.0", ".out_layers.3", ".skip_connection");
}
