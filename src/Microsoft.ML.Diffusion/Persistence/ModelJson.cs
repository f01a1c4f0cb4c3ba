using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// How schedules, spacings, solvers, parameterizations, processes and networks are written into model files: JSON objects whose
/// <c>kind</c> names the type, with all its properties. Reading is strict and creates nothing but the types that a kind stands for.
/// </summary>
public static class ModelJson
{
    /// <summary>The shared options; read-only.</summary>
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <typeparam name="T">The base type under which it is read again, such as <see cref="NoiseSchedule"/>.</typeparam>
    /// <exception cref="NotSupportedException">The value's type is not among the kinds of <typeparamref name="T"/>.</exception>
    public static string Write<T>(T value)
        where T : notnull
        => JsonSerializer.Serialize(value, Options);

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
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"{Reason<T>(json) ?? exception.Message} (read as {typeof(T).Name})", exception);
        }
    }

    /// <summary>The kind of a value, such as <c>unet</c>; its type's name where it has none.</summary>
    internal static string KindOf<T>(T value)
        where T : notnull
        => KindsOf(typeof(T)).FirstOrDefault(kind => kind.DerivedType == value.GetType())?.TypeDiscriminator as string ?? value.GetType().Name;

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowOutOfOrderMetadataProperties = true,
            RespectNullableAnnotations = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddKinds } },
        };
        options.MakeReadOnly();
        return options;
    }

    // Listed once: the kinds of solvers are kinds of samplers too, those of a type are kinds of the types between, such as discrete schedules.
    private static IEnumerable<JsonDerivedTypeAttribute> KindsOf(Type type)
    {
        var own = type.GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false).Cast<JsonDerivedTypeAttribute>();
        var others = type == typeof(ISampler) ? KindsOf(typeof(ISolver)) : type.BaseType is { } parent ? KindsOf(parent) : [];
        return own.Concat(others.Where(kind => kind.DerivedType.IsAssignableTo(type)));
    }

    private static void AddKinds(JsonTypeInfo info)
    {
        if (info.PolymorphismOptions?.DerivedTypes is not { } known)
            return;
        foreach (var kind in KindsOf(info.Type))
            if (!known.Any(derived => derived.DerivedType == kind.DerivedType))
                known.Add(new JsonDerivedType(kind.DerivedType, (string)kind.TypeDiscriminator!));
    }

    // The serializer's own words for an unknown kind do not say what there is.
    private static string? Reason<T>(string json)
    {
        var known = KindsOf(typeof(T)).Select(kind => kind.TypeDiscriminator as string).ToArray();
        if (known.Length == 0)
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            if (!document.RootElement.TryGetProperty("kind", out var kind))
                return $"The kind is missing; known kinds are {string.Join(", ", known)}";
            return known.Contains(kind.ToString()) ? null : $"Unknown kind '{kind}'; known kinds are {string.Join(", ", known)}";
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
