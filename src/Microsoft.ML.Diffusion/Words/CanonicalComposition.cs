using System.Globalization;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Unicode's composed form, NFC (Unicode Standard Annex 15, and section 3.12 of the standard for Hangul). .NET's own asks ICU, which containers often lack: there it leaves text as it is, and a
/// label would be known on one machine and unknown on another.
/// </summary>
internal static class CanonicalComposition
{
    private const int FirstOfAll = 0x300;
    private const int Syllables = 0xAC00, Leads = 0x1100, Vowels = 0x1161, Trails = 0x11A7;
    private const int VowelCount = 21, TrailCount = 28, SyllableCount = 19 * VowelCount * TrailCount;

    private static readonly Lazy<Tables> s_tables = new(Read);

    /// <summary>Composes a text, which is well-formed.</summary>
    public static string Compose(string text)
    {
        // What lies below neither combines nor comes of what does.
        if (!text.AsSpan().ContainsAnyInRange((char)FirstOfAll, char.MaxValue))
            return text;
        var tables = s_tables.Value;
        var characters = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, tables, characters);
        Order(characters, tables);
        Join(characters, tables);
        var composed = new StringBuilder(text.Length);
        foreach (int character in characters)
            composed.Append(new Rune(character));
        return composed.ToString();
    }

    private static void Decompose(int character, Tables tables, List<int> target)
    {
        int syllable = character - Syllables;
        if (syllable is >= 0 and < SyllableCount)
        {
            target.Add(Leads + syllable / (VowelCount * TrailCount));
            target.Add(Vowels + syllable % (VowelCount * TrailCount) / TrailCount);
            if (syllable % TrailCount is > 0 and var trail)
                target.Add(Trails + trail);
        }
        else if (tables.Parts.TryGetValue(character, out int[]? parts))
        {
            target.AddRange(parts);
        }
        else
        {
            target.Add(character);
        }
    }

    // Marks behind a character by their class; those of one class stay in order.
    private static void Order(List<int> characters, Tables tables)
    {
        for (int i = 1; i < characters.Count; i++)
        {
            int character = characters[i], own = tables.ClassOf(character), at = i;
            for (; own > 0 && at > 0 && tables.ClassOf(characters[at - 1]) > own; at--)
                characters[at] = characters[at - 1];
            characters[at] = character;
        }
    }

    // A mark joins the last character of class 0, unless one between them is in its way.
    private static void Join(List<int> characters, Tables tables)
    {
        int starter = -1, last = 0, count = 0;
        for (int i = 0; i < characters.Count; i++)
        {
            int character = characters[i], own = tables.ClassOf(character);
            bool isBlocked = starter < 0 || (starter < count - 1 && (last == 0 || last >= own));
            if (!isBlocked && Pair(characters[starter], character, tables) is { } joined)
            {
                characters[starter] = joined;
                continue;
            }
            if (own == 0)
                starter = count;
            last = own;
            characters[count++] = character;
        }
        characters.RemoveRange(count, characters.Count - count);
    }

    private static int? Pair(int first, int second, Tables tables)
    {
        if (first - Leads is >= 0 and < SyllableCount / (VowelCount * TrailCount) and var lead && second - Vowels is >= 0 and < VowelCount and var vowel)
            return Syllables + (lead * VowelCount + vowel) * TrailCount;
        if (first - Syllables is >= 0 and < SyllableCount and var syllable && syllable % TrailCount == 0 && second - Trails is > 0 and < TrailCount and var trail)
            return first + trail;
        return tables.Joined.TryGetValue((first, second), out int joined) ? joined : null;
    }

    private static Tables Read()
    {
        using var stream = typeof(CanonicalComposition).Assembly.GetManifestResourceStream("CanonicalComposition.txt")!;
        using var reader = new StreamReader(stream);
        var tables = new Tables([], [], []);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            string[] fields = line.Split(';');
            int character = Number(fields[0]);
            if (Number(fields[1], NumberStyles.None) is > 0 and var own)
                tables.Classes.Add(character, own);
            if (fields.Length > 2)
                tables.Parts.Add(character, [.. fields[2].Split(' ').Select(part => Number(part))]);
            if (fields.Length > 3)
                tables.Joined.Add((Number(fields[3].Split(' ')[0]), Number(fields[3].Split(' ')[1])), character);
        }
        return tables;
    }

    private static int Number(string text, NumberStyles style = NumberStyles.AllowHexSpecifier) => int.Parse(text, style, CultureInfo.InvariantCulture);

    /// <summary>The classes of marks, what characters are made of, and which two make one.</summary>
    private sealed record Tables(Dictionary<int, int> Classes, Dictionary<int, int[]> Parts, Dictionary<(int First, int Second), int> Joined)
    {
        public int ClassOf(int character) => character < FirstOfAll ? 0 : Classes.GetValueOrDefault(character);
    }
}
