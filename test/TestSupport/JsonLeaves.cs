using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>The places of a JSON text, and the text with one of them changed.</summary>
public static class JsonLeaves
{
    /// <summary>The values that are neither object nor list, with the way to each; null where the text has null.</summary>
    public static IEnumerable<(IReadOnlyList<object> Path, JsonValue? Value)> Of(JsonNode? node, params IReadOnlyList<object> path) => node switch
    {
        JsonObject item => item.ToArray().SelectMany(member => Of(member.Value, [.. path, member.Key])),
        JsonArray list => list.ToArray().SelectMany((value, i) => Of(value, [.. path, i])),
        _ => [(path, (JsonValue?)node)],
    };

    /// <summary>The members of all objects, with the way to each.</summary>
    public static IEnumerable<IReadOnlyList<object>> Members(JsonNode? node, params IReadOnlyList<object> path) => node switch
    {
        JsonObject item => item.ToArray().SelectMany(member => Members(member.Value, [.. path, member.Key]).Prepend([.. path, member.Key])),
        JsonArray list => list.ToArray().SelectMany((value, i) => Members(value, [.. path, i])),
        _ => [],
    };

    /// <summary>The text with another value in a place.</summary>
    public static string With(string json, IReadOnlyList<object> path, JsonNode? value)
    {
        var root = JsonNode.Parse(json)!;
        var parent = Parent(root, path);
        if (path[^1] is int index)
            parent[index] = value;
        else
            parent[(string)path[^1]] = value;
        return root.ToJsonString();
    }

    /// <summary>The text without a member.</summary>
    public static string Without(string json, IReadOnlyList<object> path)
    {
        var root = JsonNode.Parse(json)!;
        ((JsonObject)Parent(root, path)).Remove((string)path[^1]);
        return root.ToJsonString();
    }

    private static JsonNode Parent(JsonNode root, IReadOnlyList<object> path)
        => path.SkipLast(1).Aggregate(root, (node, step) => step is int index ? node[index]! : node[(string)step]!);
}
