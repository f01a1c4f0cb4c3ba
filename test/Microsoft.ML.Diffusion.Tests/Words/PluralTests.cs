namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PluralTests
{
    [TestMethod]
    [DataRow(0, "0 rows")]
    [DataRow(1, "1 row")]
    [DataRow(2000, "2000 rows")]
    public void Of_Number_AgreesWithItsWord(int count, string expected) => Assert.AreEqual(expected, Plural.Of(count, "row"));

    [TestMethod]
    public void Of_OtherWordsAndFormats_AreTakenAsGiven()
    {
        Assert.AreEqual("1 class", Plural.Of(1, "class", "classes"));
        Assert.AreEqual("2,000 classes", Plural.Of(2000, "class", "classes", "n0"));
    }
}
