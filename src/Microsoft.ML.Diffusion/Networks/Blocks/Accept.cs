using System.Runtime.CompilerServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Checks of the options of architectures, each named as the user knows it.</summary>
internal static class Accept
{
    /// <summary>A positive number.</summary>
    public static int Positive(int value, Network network, [CallerMemberName] string option = "")
        => value > 0 ? value : throw new ArgumentOutOfRangeException(option, value, $"{Name(network, option)} is positive.");

    /// <summary>A copy of positive numbers: at least one, at most <paramref name="most"/>.</summary>
    public static IReadOnlyList<int> Levels(IReadOnlyList<int> values, Network network, int most = 8, [CallerMemberName] string option = "")
        => values is { Count: >= 1 } && values.Count <= most && values.All(value => value > 0)
            ? [.. values]
            : throw new ArgumentException($"{Name(network, option)} has 1 to {most} positive numbers, got [{string.Join(", ", values ?? [])}].", option);

    /// <summary>A copy of positive numbers, or of none.</summary>
    public static IReadOnlyList<int> Positives(IReadOnlyList<int> values, Network network, [CallerMemberName] string option = "")
        => values is not null && values.All(value => value > 0)
            ? [.. values]
            : throw new ArgumentException($"{Name(network, option)} are positive, got [{string.Join(", ", values ?? [])}].", option);

    /// <summary>A probability below 1.</summary>
    public static double Rate(double value, Network network, [CallerMemberName] string option = "")
        => value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(option, value, $"{Name(network, option)} lies in [0, 1).");

    /// <summary>One of the values of an enumeration.</summary>
    public static TEnum Defined<TEnum>(TEnum value, Network network, [CallerMemberName] string option = "")
        where TEnum : struct, Enum
        => Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(option, value, $"{Name(network, option)} is one of {string.Join(", ", Enum.GetNames<TEnum>())}.");

    /// <summary>Refuses other samples than pictures whose height and width can be halved a number of times.</summary>
    public static void Pictures(DataShape shape, Network network, int halvings)
    {
        ArgumentNullException.ThrowIfNull(shape);
        string name = network.GetType().Name;
        if (!shape.IsImage)
            throw new ArgumentException($"{name} takes pictures [channels, height, width], got {shape}.", nameof(shape));
        int factor = 1 << halvings;
        if (shape.Dimensions[1] % factor != 0 || shape.Dimensions[2] % factor != 0)
            throw new ArgumentException($"{name} with {halvings + 1} levels takes heights and widths divisible by {factor}, got {shape}.", nameof(shape));
    }

    private static string Name(Network network, string option) => $"{network.GetType().Name}.{option}";
}
