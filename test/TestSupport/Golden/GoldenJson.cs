using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Reads the numbers of golden files, where NaN and infinities are texts.</summary>
public static class GoldenJson
{
    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;

    public static bool Has(this JsonElement json, string field)
        => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>An object field; an empty object where it is missing.</summary>
    public static JsonElement Property(this JsonElement json, string field) => json.Has(field) ? json.GetProperty(field) : Empty;

    public static string Text(this JsonElement json, string field, string missing = "")
        => json.Has(field) && json.GetProperty(field).ValueKind == JsonValueKind.String ? json.GetProperty(field).GetString()! : missing;

    public static bool Flag(this JsonElement json, string field, bool missing = false)
        => json.Has(field) ? json.GetProperty(field).GetBoolean() : missing;

    public static double Number(this JsonElement json, string field, double missing) => json.Has(field) ? json.GetProperty(field).ToNumber() : missing;

    public static int Whole(this JsonElement json, string field, int missing = 0) => (int)json.Number(field, missing);

    public static double ToNumber(this JsonElement json)
        => json.ValueKind == JsonValueKind.String ? double.Parse(json.GetString()!, CultureInfo.InvariantCulture) : json.GetDouble();

    /// <summary>All numbers of a nested list, row by row.</summary>
    public static double[] Numbers(this JsonElement json)
        => json.ValueKind == JsonValueKind.Array ? [.. json.EnumerateArray().SelectMany(Numbers)] : [json.ToNumber()];

    /// <summary>A nested list as a tensor of doubles.</summary>
    public static Tensor ToTensor(this JsonElement json)
    {
        var shape = new List<long>();
        for (var level = json; level.ValueKind == JsonValueKind.Array; level = level[0])
            shape.Add(level.GetArrayLength());
        return tensor(json.Numbers(), shape.ToArray());
    }
}
