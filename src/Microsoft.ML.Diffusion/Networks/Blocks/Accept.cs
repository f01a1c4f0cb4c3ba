using System.Runtime.CompilerServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Checks of the options of architectures, each named as the user knows it.</summary>
internal static class Accept
{
    private const int MostListed = 20;

    /// <summary>
    /// The largest width. Together with <see cref="MostRepeats"/> it keeps products of two options within an int, and what a configuration claims within what can be checked before
    /// anything is allocated; the widest published networks have some ten thousand channels.
    /// </summary>
    public const int MostWidth = 1 << 16;

    /// <summary>The largest number of times that something is repeated: blocks, heads, multiples of a width, sides of kernels and patches.</summary>
    public const int MostRepeats = 1 << 10;

    /// <summary>The largest number of classes, codes or values of an answer.</summary>
    public const int MostAnswers = 1 << 24;

    /// <summary>A width: the number of channels or features of a layer.</summary>
    public static int Width(int value, object owner, int least = 1, [CallerMemberName] string option = "") => InRange(value, owner, least, MostWidth, option);

    /// <summary>How often something is repeated.</summary>
    public static int Repeats(int value, object owner, int least = 1, [CallerMemberName] string option = "") => InRange(value, owner, least, MostRepeats, option);

    /// <summary>The number of classes, codes or values of an answer.</summary>
    public static int Answers(int value, object owner, int least = 1, [CallerMemberName] string option = "") => InRange(value, owner, least, MostAnswers, option);

    /// <summary>A copy of widths: at least one, at most <paramref name="most"/> of them.</summary>
    public static IReadOnlyList<int> Widths(IReadOnlyList<int> values, object owner, int most = 8, [CallerMemberName] string option = "") => Numbers(values, owner, 1, most, MostWidth, option);

    /// <summary>A copy of numbers of repetitions: at least one, at most <paramref name="most"/> of them.</summary>
    public static IReadOnlyList<int> Levels(IReadOnlyList<int> values, object owner, int most = 8, [CallerMemberName] string option = "") => Numbers(values, owner, 1, most, MostRepeats, option);

    /// <summary>A copy of positive numbers, or of none.</summary>
    public static IReadOnlyList<int> Positives(IReadOnlyList<int> values, object owner, [CallerMemberName] string option = "") => Numbers(values, owner, 0, MostRepeats, int.MaxValue, option);

    /// <summary>A copy of numbers, each from 1 to <paramref name="largest"/>: <paramref name="least"/> to <paramref name="most"/> of them.</summary>
    public static IReadOnlyList<int> Numbers(IReadOnlyList<int> values, object owner, int least, int most, int largest, [CallerMemberName] string option = "")
        => values is not null && values.Count >= least && values.Count <= most && values.All(value => value >= 1 && value <= largest)
            ? [.. values]
            : throw new ArgumentException($"{Name(owner, option)} has {least} to {most} positive numbers of at most {largest}, got [{Listed(values ?? [])}].", option);

    private static int InRange(int value, object owner, int least, int most, string option)
        => value >= least && value <= most ? value : throw new ArgumentOutOfRangeException(option, value, $"{Name(owner, option)} is {(least == 1 ? "positive" : least == 0 ? "not negative" : $"at least {least}")}, and at most {most}.");

    private static string Listed(IReadOnlyList<int> values) => string.Join(", ", values.Take(MostListed)) + (values.Count > MostListed ? ", …" : "");

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

    private static string Name(object owner, string option) => $"{owner.GetType().Name}.{option}";
}
