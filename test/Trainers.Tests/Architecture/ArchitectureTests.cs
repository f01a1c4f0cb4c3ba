using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Rooms use rooms above them in the lists of docs/architecture.md alone. It is the compiled assemblies that are asked.</summary>
[TestClass]
public sealed class ArchitectureTests
{
    private static readonly (string Project, string Assembly)[] s_projects =
        [("Microsoft.ML.Diffusion", "Microsoft.ML.Diffusion"), ("Transforms", "Microsoft.ML.Diffusion.Transforms"), ("Trainers", "Microsoft.ML.Diffusion.Trainers")];

    private static string Sources => Path.Combine(RepositoryFolder.Location, "src");

    private static IReadOnlyList<RoomOrder> Orders => RoomOrder.Read(File.ReadAllText(Path.Combine(RepositoryFolder.Location, "docs/architecture.md")));

    [TestMethod]
    public void Rooms_UseRoomsAboveThemAlone()
    {
        var faults = new List<string>();
        foreach (var (project, assembly) in s_projects)
        {
            var files = new SourceFiles(Sources, project);
            var order = Orders.Single(order => order.Project == project);
            var references = TypeReferences.Read(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"));
            // What is not seen can not be wrong.
            Assert.IsGreaterThan(200, references.Count(pair => files.FileOf(pair.From) is not null && files.FileOf(pair.To) is not null), project);
            foreach (var (from, to) in references)
                if (files.FileOf(from) is { } user && files.FileOf(to) is { } used && order.PlaceOf(used) > order.PlaceOf(user))
                    faults.Add($"src/{user}: {from} uses {to} of src/{used}, a room below its own");
        }
        AssertNone(faults);
    }

    [TestMethod]
    public void Rooms_EachFileIsInOneThatThePageListsAndEachThatItListsIsThere()
    {
        foreach (var (project, _) in s_projects)
        {
            var files = new SourceFiles(Sources, project);
            var order = Orders.Single(order => order.Project == project);
            AssertNone(files.All.Where(file => order.PlaceOf(file) < 0).Select(file => $"src/{file} is in no room of docs/architecture.md"));
            AssertNone(order.Rooms.Where(room => !files.All.Any(file => file.StartsWith($"{project}/{room}/", StringComparison.Ordinal))).Select(room => $"src/{project} has no room {room}"));
        }
    }

    [TestMethod]
    public void Folders_HaveAtMostThirtyFiles()
        => AssertNone(s_projects.SelectMany(project => new SourceFiles(Sources, project.Project).All).GroupBy(Path.GetDirectoryName).Where(folder => folder.Count() > 30)
            .Select(folder => $"src/{folder.Key} has {folder.Count()} files"));

    [TestMethod]
    public void TypeReferences_SignaturesAttributesAndBodies_AreSeen()
    {
        var core = TypeReferences.Read(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.Diffusion.dll"));
        // A base type, a constraint or type in an attribute, a call in a body, one in a lambda, and an element of an array.
        foreach (var (from, to) in new[] { ("DdimSolver", "ISolver"), ("ISampler", "AdaptiveOdeSampler"), ("NetworkDenoiser", "VarianceRange"), ("DividedAnswers", "HelpingThreads"), ("NoiseLevels", "NoiseLevel") })
            Assert.Contains((from, to), core);
        Assert.DoesNotContain(("NoiseLevel", "DdimSolver"), core);
    }

    private static void AssertNone(IEnumerable<string> faults) => Assert.AreEqual("", string.Join('\n', faults.Order(StringComparer.Ordinal)));
}
