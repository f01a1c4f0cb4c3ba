using Microsoft.ML.Diffusion.TestSupport.Golden;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SchedulerMatrixTests
{
    [TestMethod]
    [TestCategory("Golden")]
    public void Read_EveryOptionOfEveryScheduler_ReproducedOrRefusedByName()
    {
        string path = Path.Combine(GoldenFolder.Path, SchedulerMatrix.FileName);
        if (!File.Exists(path))
            Assert.Inconclusive($"There is no {SchedulerMatrix.FileName} in '{GoldenFolder.Path}'.");
        var file = GoldenFile.Read(path);
        var matrix = new SchedulerMatrix(file);
        var outcomes = file.Cases.Select(@case => (Case: @case, Outcome: matrix.Run(@case))).ToArray();
        foreach (var group in outcomes.GroupBy(each => each.Case.Text("class")))
            Console.WriteLine($"{group.Key}: {string.Join(", ", Enum.GetValues<SchedulerResult>().Select(result => $"{group.Count(each => each.Outcome.Result == result)} {result}"))}");
        Console.WriteLine($"all: {string.Join(", ", Enum.GetValues<SchedulerResult>().Select(result => $"{outcomes.Count(each => each.Outcome.Result == result)} {result}"))}");
        foreach (var (@case, outcome) in outcomes.Where(each => each.Outcome.Result is SchedulerResult.Refused or SchedulerResult.Informational && SchedulerClasses.All.Any(known => known.Name == each.Case.Text("class"))))
            Console.WriteLine($"  {outcome.Result} {@case}: {outcome.Why}");
        string[] wrong = [.. outcomes.Where(each => each.Outcome.Result == SchedulerResult.Wrong).Select(each => $"{each.Case}: {each.Outcome.Why}")];
        Assert.IsEmpty(wrong, $"{wrong.Length} wrong:\n{string.Join('\n', wrong)}");
        Assert.IsGreaterThan(file.Cases.Count / 2, outcomes.Count(each => each.Outcome.Result == SchedulerResult.Equal));
    }
}
