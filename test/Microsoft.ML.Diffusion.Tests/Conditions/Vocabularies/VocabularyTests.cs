namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class VocabularyTests
{
    // é as one character and as two.
    private const string Composed = "caf\u00E9", Decomposed = "cafe\u0301";

    [TestMethod]
    public void KeyOf_TextInAnyUnicodeForm_CapitalsAndBlanksCount()
    {
        var vocabulary = new Vocabulary(["cat", Decomposed, "dog"]);
        Assert.AreEqual(1, vocabulary.KeyOf("cat"));
        Assert.AreEqual(2, vocabulary.KeyOf(Composed));
        Assert.AreEqual(2, vocabulary.KeyOf(Decomposed));
        foreach (string other in new[] { "Cat", "dog ", "", "zebra" })
            Assert.AreEqual(0, vocabulary.KeyOf(other), other);
        // Where both forms are values, each is itself.
        var both = new Vocabulary([Composed, "x", Decomposed]);
        Assert.AreEqual(1, both.KeyOf(Composed));
        Assert.AreEqual(3, both.KeyOf(Decomposed));
        Assert.AreSequenceEqual(new[] { Composed, Decomposed }, both.Alike().Single());
        Assert.IsEmpty(vocabulary.Alike());
    }

    [TestMethod]
    public void Equals_ValuesInTheirOrder()
    {
        var vocabulary = new Vocabulary(["a", "b"]);
        Assert.AreEqual(vocabulary, new Vocabulary(["a", "b"]));
        Assert.AreEqual(vocabulary.GetHashCode(), new Vocabulary(["a", "b"]).GetHashCode());
        foreach (var other in new Vocabulary[] { new(["b", "a"]), new(["a"]), new(["a", "b", "c"]), new(["ab", ""]), new(["a", "b"], "Int32"), new([Composed, "b"]) })
            Assert.AreNotEqual(vocabulary, other);
        Assert.AreNotEqual(new ClassCondition("Label", 2) { Values = vocabulary }, new ClassCondition("Label", 2) { Values = new(["b", "a"]) });
        Assert.AreNotEqual(new ClassCondition("Label", 2) { Values = vocabulary }, new ClassCondition("Label", 2));
    }

    [TestMethod]
    public void Json_HostileValues_ComeBackAsTheyWere()
    {
        var slot = new TokensCondition("T\"\0\u202E😀", 4, 7) { Values = new(["😀", "\0", "\"\\\n", "\u202Eabc", Decomposed, new string('x', 100_000), ""], "String") };
        Assert.AreEqual(slot, ModelJson.Read<ConditionSlot>(ModelJson.Write<ConditionSlot>(slot)));
        // What is no Unicode is none from the start.
        Assert.AreSequenceEqual(new[] { "a\uFFFD", "\uFFFD" }, new Vocabulary(["a\uD83D", "\uDE00"]).Values);
        Assert.AreEqual(1, new Vocabulary(["a\uD83D"]).KeyOf("a\uD83D"));
        Assert.Contains("half of a surrogate pair, \\uD83D, at place 1", Assert.ThrowsExactly<ArgumentException>(() => ModelJson.Write<ConditionSlot>(new VectorCondition("a\uD83D", 1))).Message);
    }

    [TestMethod]
    public void Values_OfAnotherNumber_AreRefused()
    {
        Assert.Contains("has 3 keys, but 2 values", Assert.ThrowsExactly<ArgumentException>(() => new ClassCondition("Label", 3) { Values = new(["a", "b"]) }).Message);
        Assert.Contains("has 3 classes, but 2 labels: 'a', 'b'", Assert.ThrowsExactly<ArgumentException>(() => ClassLabels.Check(new(["a", "b"]), 3)).Message);
        Assert.Contains("null", Assert.ThrowsExactly<ArgumentException>(() => new Vocabulary([null!])).Message);
    }

    [TestMethod]
    public void Describe_Many_TheNearestFirst()
    {
        var animals = new Vocabulary(["aardvark", "bee", "cow", "crow", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay", "cat", "café"]);
        Assert.StartsWith("'cat', 'jay'", animals.Describe("Cat "));
        Assert.EndsWith(" and 3 more", animals.Describe("Cat "));
        Assert.StartsWith("'crow', 'cow'", animals.Describe("crows"));
        Assert.StartsWith("'aardvark', 'bee'", $"{animals}");
        Assert.AreEqual("'a', 'b\\u{200B}', 'c\\u{000A}'", new Vocabulary(["a", "b\u200B", "c\n"]).Describe(), "what shows nothing is shown");
    }

    [TestMethod]
    public void Between_OtherOrderOrNumber_MapsByValue()
    {
        var trained = new ClassCondition("Label", 3) { Values = new(["a", "b", "c"]) };
        var table = KeyTable.Between(new ClassCondition("Label", 4) { Values = new(["c", "z", "a", "b"]) }, trained, out _)!;
        Assert.AreSequenceEqual(new[] { 0, 3, KeyTable.Unknown, 1, 2 }, Enumerable.Range(0, 5).Select(key => table[key]));
        Assert.AreSequenceEqual(new[] { 2 }, table.UnknownKeys);
        Assert.IsTrue(KeyTable.Between(trained, trained, out _)!.IsIdentity);
        Assert.IsTrue(KeyTable.Between(new ClassCondition("Label", 3), trained, out _)!.IsIdentity, "numbers are the model's own");
        Assert.IsTrue(KeyTable.Between(new ClassCondition("Label", 3), new ClassCondition("Label", 3), out _)!.IsIdentity);
        Assert.IsNull(KeyTable.Between(new ClassCondition("Label", 2), trained, out _));
        Assert.IsNull(KeyTable.Between(trained, new ClassCondition("Label", 3), out _));
        Assert.IsNull(KeyTable.Between(new ClassCondition("Label", 3) { Values = new(["x", "y", "z"]) }, trained, out _));
        // Numbers and their text are one.
        Assert.AreEqual(2, KeyTable.Between(new ClassCondition("Label", 2) { Values = new(["20", "10"]) }, new ClassCondition("Label", 2) { Values = new(["10", "20"], "Int32") }, out _)![1]);
    }
}
