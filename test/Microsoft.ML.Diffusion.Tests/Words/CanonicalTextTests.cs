using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class CanonicalTextTests
{
    [TestMethod]
    public void Of_Texts_AreComposedWithoutIcu()
    {
        Assert.AreEqual("caf\u00E9", CanonicalText.Of("cafe\u0301"));
        Assert.AreEqual("caf\u00E9", CanonicalText.Of("caf\u00E9"));
        // A mark between, of a class of its own, does not part them; one of the same class does.
        Assert.AreEqual("\u1E69", CanonicalText.Of("s\u0307\u0323"));
        Assert.AreEqual("\u00E0\u05AE\u0315b", CanonicalText.Of("a\u0315\u0300\u05AEb"));
        Assert.AreEqual("\u00E0\u0301", CanonicalText.Of("a\u0300\u0301"));
        // Hangul: two letters and three, a syllable and a letter.
        Assert.AreEqual("\uAC00\uAC01\uAC01", CanonicalText.Of("\u1100\u1161\u1100\u1161\u11A8\uAC00\u11A8"));
        // The sign for ångström is the letter; what Unicode excludes stays apart; characters beyond U+FFFF join too.
        Assert.AreEqual("\u00C5", CanonicalText.Of("\u212B"));
        Assert.AreEqual("\u0915\u093C", CanonicalText.Of("\u0958"));
        Assert.AreEqual("\U0001109A", CanonicalText.Of("\U00011099\U000110BA"));
        Assert.AreEqual("a\uFFFDb😀\uFFFD", CanonicalText.Of("a\uD83Db😀\uDE00"));
        Assert.AreEqual("", CanonicalText.Of(""));
    }

    /// <summary>400 random texts of marks and of what they join, with what Python's unicodedata makes of them: UTF-16 in hexadecimal.</summary>
    [TestMethod]
    public void Of_RandomTexts_AsTheReference()
    {
        using var reader = new StreamReader(typeof(CanonicalTextTests).Assembly.GetManifestResourceStream("composition_python.txt")!);
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ');
            string text = Text(fields[0]), expected = Text(fields[1]);
            Assert.AreEqual(expected, CanonicalText.Of(text), line);
            Assert.AreEqual(expected, CanonicalText.Of(expected), line);
        }

        static string Text(string hex) => new(MemoryMarshal.Cast<byte, char>(Convert.FromHexString(hex)));
    }
}
