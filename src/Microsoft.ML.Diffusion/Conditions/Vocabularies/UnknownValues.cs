using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>What becomes of a value that a model was not trained with: a label, a key, a word. A missing value is no unknown one: it means that there is no condition.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UnknownValues>))]
public enum UnknownValues
{
    /// <summary>An <see cref="UnknownValueException"/>, which names the value and those that are known.</summary>
    Error,

    /// <summary>The value counts as missing, and a word is left out; a warning in the log of the MLContext names each value once.</summary>
    Warn,

    /// <summary>The value counts as missing, and a word is left out, without a word in the log.</summary>
    Ignore,
}
