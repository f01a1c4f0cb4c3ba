using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>One case of a golden file.</summary>
/// <param name="Json">All that the file says about it.</param>
/// <param name="Name">Its name, unique within the file.</param>
public sealed record GoldenCase(JsonElement Json, string Name)
{
    /// <summary>Why the reference's own result is not to be reproduced; null where it is.</summary>
    public string? Quirk => Json.TryGetProperty("known_reference_quirk", out var quirk) ? quirk.ToString() : null;

    public JsonElement Params => Json.Property("params");

    public JsonElement Config => Json.Property("config");

    /// <summary>The value of a field as text; empty where the field is missing or no text.</summary>
    public string Text(string field) => Json.Text(field);

    public bool Has(string field) => Json.Has(field);

    public JsonElement this[string field] => Json.GetProperty(field);

    public override string ToString() => Name;
}
