namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class CsvTableTests
{
    private const string Header = "step,value";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("table-");

    private string Table => Path.Combine(_folder.FullName, "table.csv");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Append_WritingFailsForAWhile_WritesAllRowsAfterwards()
    {
        var table = new CsvTable(Table, Header, 0);
        table.Append(["1,a"]);
        _folder.Delete(recursive: true);
        Assert.Throws<IOException>(() => table.Append(["2,b"]));
        Assert.Throws<IOException>(() => table.Append(["3,c", "4,d"]));
        _folder.Create();
        table.Append(["5,e"]);
        // The first row is gone with the folder; those that waited are there.
        Assert.AreEqual("step,value\n2,b\n3,c\n4,d\n5,e\n", File.ReadAllText(Table));
        table.Append(["6,f"]);
        Assert.EndsWith("5,e\n6,f\n", File.ReadAllText(Table));
    }

    [TestMethod]
    public void Open_Resumed_KeepsWholeRowsUpToTheStep()
    {
        File.WriteAllText(Table, "step,value\n1,a\n2,b\n3,c\n2");
        var table = new CsvTable(Table, Header, 2);
        Assert.AreEqual("step,value\n1,a\n2,b\n", File.ReadAllText(Table));
        table.Append(["3,d"]);
        Assert.AreEqual("step,value\n1,a\n2,b\n3,d\n", File.ReadAllText(Table));
    }

    [TestMethod]
    public void Append_SomeoneWroteBehindIt_WritesOverThat()
    {
        // As half a row that a failed write left.
        var table = new CsvTable(Table, Header, 0);
        table.Append(["1,a"]);
        File.AppendAllText(Table, "2,half of a long row");
        table.Append(["2,b"]);
        Assert.AreEqual("step,value\n1,a\n2,b\n", File.ReadAllText(Table));
    }
}
