using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The names under which model files hold networks, samplers, objectives and the like: a kind stands for a class below a base type. The library's own are listed beside each base type; a program
/// adds those of its own classes.
/// </summary>
/// <remarks>Thread safe.</remarks>
public static class Kinds
{
    private static readonly Lock s_registering = new();
    private static volatile IReadOnlyList<(Type Base, JsonDerivedTypeAttribute Kind)> s_registered = [];

    /// <summary>Gives a class of your own the name under which model files hold it. Call it once in a program, before a pipeline with the class is trained or loaded.</summary>
    /// <param name="kind">The name; that of no other class below the base type.</param>
    /// <typeparam name="TBase">What the class is: <c>Network</c>, <c>ISampler</c>, <c>TimeSpacing</c>, <c>Objective</c>, <c>LossWeight</c>, <c>IGuidance</c>, <c>IForwardProcess</c> and the like.</typeparam>
    /// <typeparam name="T">The class. Its public properties are saved as JSON and set again when it is loaded, by <c>init</c> or as constructor parameters.</typeparam>
    /// <exception cref="ArgumentException">Model files hold no such base type; or the name or the class is registered already, for another class or name.</exception>
    public static void Register<TBase, T>(string kind)
        where TBase : class
        where T : TBase
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        Type @base = typeof(TBase), type = typeof(T);
        if (@base.GetCustomAttribute<JsonPolymorphicAttribute>(inherit: false) is null)
            throw new ArgumentException($"Model files hold nothing as a {@base.Name}. Register {type.Name} as what it is there, such as {string.Join(", ", Bases(@base.Assembly))}.", nameof(TBase));
        if (type.IsAbstract)
            throw new ArgumentException($"{type.Name} is abstract: a model file holds objects of a class.", nameof(T));
        lock (s_registering)
        {
            foreach (var known in Of(@base))
            {
                bool sameKind = Equals(known.TypeDiscriminator, kind), sameType = known.DerivedType == type;
                if (sameKind && sameType)
                    return;
                if (sameKind || sameType)
                    throw new ArgumentException($"The kind '{known.TypeDiscriminator}' stands for {known.DerivedType.FullName}; '{kind}' can not be registered for {type.FullName}.", nameof(kind));
            }
            s_registered = [.. s_registered, (@base, new JsonDerivedTypeAttribute(type, kind))];
            ModelJson.OnKindsChanged();
        }
    }

    /// <summary>The kind of a value, such as <c>unet</c>; its type's name where it has none.</summary>
    internal static string NameOf<T>(T value)
        where T : notnull
        => Of(typeof(T)).FirstOrDefault(kind => kind.DerivedType == value.GetType())?.TypeDiscriminator as string ?? value.GetType().Name;

    /// <summary>Refuses a value whose type could be saved under no name.</summary>
    /// <exception cref="NotSupportedException">The value's type is not among the kinds of <typeparamref name="T"/>; says what to do.</exception>
    internal static void Require<T>(T value)
        where T : notnull
    {
        var kinds = Of(typeof(T)).ToArray();
        if (kinds.Length > 0 && !kinds.Any(kind => kind.DerivedType == value.GetType()))
            throw new NotSupportedException($"{value.GetType().Name} has no name under which a model file could hold it. {Advice(typeof(T).Name, value.GetType().Name, "my-kind")}");
    }

    /// <summary>The kinds of a type. Those of a type are kinds of the types between, such as discrete schedules, and of those that say so (<see cref="AlsoKindsAttribute"/>).</summary>
    internal static IEnumerable<JsonDerivedTypeAttribute> Of(Type type)
    {
        var own = type.GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false).Cast<JsonDerivedTypeAttribute>();
        var others = type.GetCustomAttributes<AlsoKindsAttribute>(inherit: false).Select(also => also.Other).Concat(type.BaseType is { } parent ? [parent] : []).SelectMany(Of);
        var registered = s_registered.Where(entry => entry.Base == type).Select(entry => entry.Kind);
        return own.Concat(others.Where(kind => kind.DerivedType.IsAssignableTo(type))).Concat(registered);
    }

    /// <summary>The first kind in a model file that stands for nothing here, as a sentence; null where all are known.</summary>
    /// <param name="json">The text.</param>
    /// <param name="known">The assembly of the type that it was read as, whose kinds are known beside those of this one.</param>
    internal static string? FirstUnknown(JsonElement json, Assembly known) => FirstUnknown(json, All(known), "");

    /// <summary>Says how to register a class.</summary>
    internal static string Advice(string @base, string type, string kind)
        => $"Register a class of your own once, before a pipeline with it is trained or loaded: Kinds.Register<{@base}, {type}>(\"{kind}\").";

    /// <summary>Adds to what the serializer knows of a type the kinds that it does not see.</summary>
    internal static void AddTo(JsonTypeInfo info)
    {
        if (info.PolymorphismOptions?.DerivedTypes is not { } known)
            return;
        foreach (var kind in Of(info.Type))
            if (!known.Any(derived => derived.DerivedType == kind.DerivedType))
                known.Add(new JsonDerivedType(kind.DerivedType, (string)kind.TypeDiscriminator!));
    }

    private static string? FirstUnknown(JsonElement json, HashSet<object?> known, string place)
    {
        if (json.ValueKind == JsonValueKind.Array)
            return json.EnumerateArray().Select(item => FirstUnknown(item, known, place)).FirstOrDefault(found => found is not null);
        if (json.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in json.EnumerateObject())
        {
            if (property.NameEquals("kind") && property.Value.ValueKind == JsonValueKind.String && !known.Contains(property.Value.GetString()))
                return $"'{place}' is of the kind '{property.Value}', which this program does not know. {Advice("TheBase", "TheClass", property.Value.ToString())}";
            if (FirstUnknown(property.Value, known, property.Name) is { } found)
                return found;
        }
        return null;
    }

    private static HashSet<object?> All(Assembly other)
        => [.. new[] { typeof(Kinds).Assembly, other }.SelectMany(assembly => assembly.GetTypes()).SelectMany(Of).Concat(s_registered.Select(entry => entry.Kind)).Select(kind => kind.TypeDiscriminator)];

    private static IEnumerable<string> Bases(Assembly other)
        => new[] { typeof(Kinds).Assembly, other }.Distinct().SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsPublic && type.IsDefined(typeof(JsonPolymorphicAttribute), false)).Select(type => type.Name).Order(StringComparer.Ordinal);
}
