using System.Globalization;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>Text as it is compared and as it is shown: values that look alike are equal, and those that are not do not look alike.</summary>
internal static class CanonicalText
{
    /// <summary>The text in composed form (Unicode's NFC), with U+FFFD for each half of a surrogate pair that stands alone.</summary>
    public static string Of(string text) => CanonicalComposition.Compose(WellFormed(text));

    /// <summary>The text with U+FFFD for each half of a surrogate pair that stands alone: what every file keeps as it is.</summary>
    public static string WellFormed(string text) => FindLoneSurrogate(text) < 0 ? text : string.Concat(text.EnumerateRunes());

    /// <summary>The place of the first half of a surrogate pair that stands alone; -1 where there is none.</summary>
    public static int FindLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return i;
            i++;
        }
        return -1;
    }

    /// <summary>The text in quotes, cut where it is long, with a number for what shows nothing: control and format characters, and blanks other than the space.</summary>
    public static string Quote(string text)
    {
        const int Longest = 100;
        var quoted = new StringBuilder("'");
        foreach (var rune in WellFormed(text).EnumerateRunes())
        {
            if (quoted.Length > Longest)
                return quoted.Append("…'").ToString();
            var category = Rune.GetUnicodeCategory(rune);
            bool isHidden = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse || (Rune.IsWhiteSpace(rune) && rune.Value != ' ');
            quoted.Append(isHidden ? string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}") : rune.ToString());
        }
        return quoted.Append('\'').ToString();
    }
}
