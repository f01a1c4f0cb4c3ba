using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Texts.</summary>
public static class TokenizeTextCatalog
{
    /// <summary>
    /// Turns a column of text into tokens, a known-size vector of keys that conditions a denoiser (<c>d.Trainers.Denoiser("Picture", "Tokens")</c>). The words of the column are learned unless the options
    /// give a tokenizer; a missing or empty text conditions nothing.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumn">The column of tokens.</param>
    /// <param name="inputColumn">The column of text.</param>
    /// <param name="options">Length, tokenizer, and which words are learned.</param>
    public static TokenizeTextEstimator TokenizeText(this DiffusionTransformsCatalog catalog, string outputColumn, string inputColumn, TokenizeTextEstimator.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new TokenizeTextEstimator(catalog.Environment, outputColumn, inputColumn, options);
    }
}
