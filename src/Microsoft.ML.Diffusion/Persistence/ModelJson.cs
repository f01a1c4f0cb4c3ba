using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// How schedules, spacings, solvers, parameterizations, processes and networks are written into model files: JSON objects whose
/// <c>kind</c> names the type, with all its properties. Reading is strict and creates nothing but the types that a kind stands for: the library's own,
/// and those that the program registered (<see cref="Network.Register"/>).
/// </summary>
public static class ModelJson
{
    private static readonly Lock _registering = new();
    private static volatile IReadOnlyList<(Type Base, JsonDerivedTypeAttribute Kind)> _registered = [];
    private static volatile JsonSerializerOptions _options = CreateOptions();

    /// <summary>The shared options; read-only. Others after each registration of a type.</summary>
    public static JsonSerializerOptions Options => _options;

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <typeparam name="T">The base type under which it is read again, such as <see cref="NoiseSchedule"/>.</typeparam>
    /// <exception cref="NotSupportedException">The value's type is not among the kinds of <typeparamref name="T"/>.</exception>
    public static string Write<T>(T value)
        where T : notnull
    {
        RequireKind(value);
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

    /// <summary>Adds a kind of a type outside the library, once for the process.</summary>
    /// <exception cref="ArgumentException">The kind or the type is taken.</exception>
    internal static void Register(Type @base, Type type, string kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        lock (_registering)
        {
            foreach (var known in KindsOf(@base))
            {
                bool sameKind = Equals(known.TypeDiscriminator, kind), sameType = known.DerivedType == type;
                if (sameKind && sameType)
                    return;
                if (sameKind || sameType)
                    throw new ArgumentException($"The kind '{known.TypeDiscriminator}' stands for {known.DerivedType.FullName}; '{kind}' can not be registered for {type.FullName}.", nameof(kind));
            }
            _registered = [.. _registered, (@base, new JsonDerivedTypeAttribute(type, kind))];
            _options = CreateOptions();
        }
    }

    /// <summary>Refuses a value whose type could be saved under no name.</summary>
    /// <exception cref="NotSupportedException">The value's type is not among the kinds of <typeparamref name="T"/>; says what to do.</exception>
    internal static void RequireKind<T>(T value)
        where T : notnull
    {
        var kinds = KindsOf(typeof(T)).ToArray();
        if (kinds.Length > 0 && !kinds.Any(kind => kind.DerivedType == value.GetType()))
            throw new NotSupportedException($"{value.GetType().Name} has no name under which a model file could hold it.{Advice(typeof(T), value.GetType().Name, "my-network")}");
    }

    /// <summary>The first kind in a model file that stands for nothing here, as a sentence; null where all are known.</summary>
    /// <param name="json">The text.</param>
    /// <param name="known">The assembly of the type that it was read as, whose kinds are known beside those of this one.</param>
    internal static string? UnknownKind(JsonElement json, Assembly known) => UnknownKind(json, AllKinds(known), "");

    private static string? UnknownKind(JsonElement json, HashSet<object?> known, string place)
    {
        if (json.ValueKind == JsonValueKind.Array)
            return json.EnumerateArray().Select(item => UnknownKind(item, known, place)).FirstOrDefault(found => found is not null);
        if (json.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in json.EnumerateObject())
        {
            if (property.NameEquals("kind") && property.Value.ValueKind == JsonValueKind.String && !known.Contains(property.Value.GetString()))
                return $"'{place}' is of the kind '{property.Value}', which this program does not know.{(place == "network" ? Advice(typeof(Network), "TheClass", property.Value.ToString()) : "")}";
            if (UnknownKind(property.Value, known, property.Name) is { } found)
                return found;
        }
        return null;
    }

    private static string Advice(Type @base, string type, string kind)
        => @base == typeof(Network) ? $" Register a network of your own once, before it is trained or loaded: Network.Register<{type}>(\"{kind}\")." : "";

    private static HashSet<object?> AllKinds(Assembly other)
        => [.. new[] { typeof(ModelJson).Assembly, other }.SelectMany(assembly => assembly.GetTypes()).SelectMany(KindsOf).Concat(_registered.Select(entry => entry.Kind)).Select(kind => kind.TypeDiscriminator)];

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
            RespectRequiredConstructorParameters = true,
            Converters = { new WeightlessNetwork(), new FullLists(), new WellFormedStrings() },
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
        var registered = _registered.Where(entry => entry.Base == type).Select(entry => entry.Kind);
        return own.Concat(others.Where(kind => kind.DerivedType.IsAssignableTo(type))).Concat(registered);
    }

    private static void AddKinds(JsonTypeInfo info)
    {
        if (info.PolymorphismOptions?.DerivedTypes is not { } known)
            return;
        foreach (var kind in KindsOf(info.Type))
            if (!known.Any(derived => derived.DerivedType == kind.DerivedType))
                known.Add(new JsonDerivedType(kind.DerivedType, (string)kind.TypeDiscriminator!));
    }

    /// <summary>JSON alone holds no weights: what holds them is written and read with a <see cref="NetworkShelf"/>.</summary>
    private sealed class WeightlessNetwork : JsonConverter<TrainedNetwork>
    {
        public override void Write(Utf8JsonWriter writer, TrainedNetwork value, JsonSerializerOptions options)
            => throw new NotSupportedException("A network's weights can not be written as JSON; a model file holds them beside it.");

        public override TrainedNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => throw new NotSupportedException("JSON alone holds no weights of a network.");
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
            return known.Contains(kind.ToString()) ? null : $"Unknown kind '{kind}'; known kinds are {string.Join(", ", known)}.{Advice(typeof(T), "TheClass", kind.ToString())}";
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
