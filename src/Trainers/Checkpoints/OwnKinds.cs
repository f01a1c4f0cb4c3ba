using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Tells options of the program's own classes apart, which have no name in files: by the name of the class and the values of all its fields.</summary>
/// <param name="option">The option.</param>
internal sealed class OwnKinds(string option)
{
    private const int Deepest = 8;

    private string _class = "";

    /// <summary>What a value is.</summary>
    /// <exception cref="ArgumentException">A field holds what can not be compared from run to run; names it.</exception>
    public string Describe(object value)
    {
        _class = value.GetType().Name;
        return Of(value, "", 0);
    }

    private string Of(object? value, string place, int depth) => value switch
    {
        null => "null",
        string text => JsonSerializer.Serialize(text),
        IConvertible simple => Convert.ToString(simple, CultureInfo.InvariantCulture)!,
        TimeSpan or Guid or DateTimeOffset => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        Delegate or Type or Stream or Pointer => throw Unknown(value, place),
        _ when depth == Deepest || value.GetType().Namespace?.StartsWith("System.Threading", StringComparison.Ordinal) == true => throw Unknown(value, place),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(item => Of(item, place, depth + 1)))}]",
        _ => OfFields(value, depth),
    };

    private string OfFields(object value, int depth)
    {
        var fields = new List<string>();
        for (var type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                fields.Add($"{Name(field)}: {Of(field.GetValue(value), Name(field), depth + 1)}");
        // In an order that does not depend on the compiler.
        return $"{value.GetType().FullName} {{{string.Join(", ", fields.Order(StringComparer.Ordinal))}}}";
    }

    // Those of properties and of constructors' parameters are called <Name>k__BackingField and <name>P.
    private static string Name(FieldInfo field) => field.Name is ['<', .. var rest] && rest.IndexOf('>') is > 0 and var end ? rest[..end] : field.Name;

    private ArgumentException Unknown(object value, string place) => new(
        $"The option {option} is a {_class}, an own class whose '{place}' holds a {value.GetType().Name}, by which a checkpoint can not tell whether a resumed run has the same. Keep numbers, texts or lists of them in the class, or train without the option {nameof(TrainerOptions.Checkpoint)}.");
}
