using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// How what a model is made of is written into model files: JSON objects whose <c>kind</c> names the type, with all its properties. Reading is strict and creates nothing but the types that a kind
/// stands for: the library's own, and those that the program registered (<see cref="Kinds.Register"/>).
/// </summary>
public static class ModelJson
{
    private static volatile JsonSerializerOptions s_options = CreateOptions();

    /// <summary>The shared options; read-only. Others after each registration of a type.</summary>
    public static JsonSerializerOptions Options => s_options;

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <typeparam name="T">The base type under which it is read again, such as <c>NoiseSchedule</c>.</typeparam>
    /// <exception cref="NotSupportedException">The value's type is not among the kinds of <typeparamref name="T"/>.</exception>
    public static string Write<T>(T value)
        where T : notnull
    {
        Kinds.Require(value);
        return JsonSerializer.Serialize(value, Options);
    }

    /// <summary>Reads a value.</summary>
    /// <param name="json">What <see cref="Write"/> wrote.</param>
    /// <typeparam name="T">The base type under which it was written.</typeparam>
    /// <exception cref="InvalidDataException">The text is no JSON, names an unknown kind or property, or holds an illegal value; says which.</exception>
    public static T Read<T>(string json)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidDataException($"Expected a {typeof(T).Name}, got null.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"{Reason<T>(json) ?? exception.Message} (read as {typeof(T).Name})", exception);
        }
    }

    /// <summary>Makes the serializer ask for kinds anew: it remembers those of each type.</summary>
    internal static void OnKindsChanged() => s_options = CreateOptions();

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowOutOfOrderMetadataProperties = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters = { new FullLists(), new WellFormedStrings() },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Kinds.AddTo } },
        };
        options.MakeReadOnly();
        return options;
    }

    // The serializer's own words for an unknown kind do not say what there is.
    private static string? Reason<T>(string json)
    {
        var known = Kinds.Of(typeof(T)).Select(kind => kind.TypeDiscriminator as string).ToArray();
        if (known.Length == 0)
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            if (!document.RootElement.TryGetProperty("kind", out var kind))
                return $"The kind is missing; known kinds are {string.Join(", ", known)}";
            return known.Contains(kind.ToString()) ? null : $"Unknown kind '{kind}'; known kinds are {string.Join(", ", known)}. {Kinds.Advice(typeof(T).Name, "TheClass", kind.ToString())}";
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
