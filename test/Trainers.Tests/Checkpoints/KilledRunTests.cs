using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Runs in processes of their own: killed at any moment, on a disk that is full for a while, two in one folder.</summary>
[TestClass]
public sealed class KilledRunTests
{
    private const int Steps = 1500, Interval = 5;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("killed-");

    private string Checkpoints => Path.Combine(_folder.FullName, "checkpoints");

    private string Whole => Path.Combine(_folder.FullName, "whole.zip");

    private string Resumed => Path.Combine(_folder.FullName, "resumed.zip");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Fit_KilledSeveralTimes_SavesTheModelOfOneGoAndAllMetrics()
    {
        string metrics = Path.Combine(_folder.FullName, "of-one-go");
        using (var process = Start(Steps, Whole, metrics))
            Finish(process);
        var random = new Random(7);
        long reached = 0;
        for (int kill = 0; kill < 6; kill++)
        {
            using var process = Start(Steps, Resumed, Checkpoints);
            long from = reached;
            // Anywhere after the first new checkpoint, so that every kill finds a run under way: within steps, and while checkpoints, rows and events are written.
            Assert.IsTrue(SpinWait.SpinUntil(() => process.HasExited || (reached = Newest(Checkpoints)) > from, TimeSpan.FromMinutes(2)), "no checkpoint appeared");
            Thread.Sleep(random.Next(100));
            process.Kill();
            process.WaitForExit();
            reached = Newest(Checkpoints);
            // What is there is whole, but for the last row, and reaches the checkpoint.
            Assert.IsGreaterThanOrEqualTo(reached, Rows(Checkpoints).Max(row => row.Step) + Interval - 1);
        }
        Assert.IsLessThan(Steps, reached, "the last kill came too late to prove anything");
        using (var process = Start(Steps, Resumed, Checkpoints))
            Finish(process);
        Assert.AreSequenceEqual(Model(Whole), Model(Resumed));
        // A resumed run also reports its first step.
        Assert.AreSequenceEqual(Rows(metrics), Rows(Checkpoints).Where(row => row.Step == 1 || row.Step % Interval == 0));
    }

    [TestMethod]
    public void Fit_DiskFullForAWhile_SavesTheModelOfOneGo()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !CanUnshare())
            Assert.Inconclusive("Only root on Linux can mount a small disk, in a mount namespace of a child.");
        using (var process = Start(300, Whole))
            Finish(process);
        Directory.CreateDirectory(Checkpoints);
        using (var process = Process.Start(OneThread(new ProcessStartInfo("unshare",
            ["-m", "sh", "-c", "mount -t tmpfs -o size=4m tmpfs \"$2\" && exec dotnet \"$0\" 300 \"$1\" \"$2\" disk", Probe, Resumed, Checkpoints])
        { RedirectStandardError = true, RedirectStandardOutput = true }))!)
        {
            string output = process.StandardOutput.ReadToEnd();
            Finish(process);
            Assert.Contains("could not be written", output);
            Assert.Contains("The checkpoint of step", output);
            Assert.Contains("metrics", output);
            Assert.Contains("saved with room for", output);
            Assert.DoesNotContain("room for 0 pages", output);
        }
        Assert.AreSequenceEqual(Model(Whole), Model(Resumed));
    }

    [TestMethod]
    public void Fit_FolderOfAnotherProcess_IsRefusedAndNamesIt()
    {
        Directory.CreateDirectory(Checkpoints);
        using var mine = new FolderLock(Checkpoints, FolderLock.Checkpoints);
        using var process = Start(10, Whole, Checkpoints);
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreNotEqual(0, process.ExitCode);
        Assert.Contains(FormattableString.Invariant($"process {Environment.ProcessId} ("), errors);
        Assert.Contains("belongs to another training run", errors);
    }

    // Step, loss, smoothed loss and learning rate; what follows the clock is left out.
    private static (long Step, string Numbers)[] Rows(string folder)
    {
        string text = File.ReadAllText(Path.Combine(folder, "metrics.csv"));
        string[][] rows = [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split(','))];
        Assert.IsTrue(rows.All(row => row.Length == rows[0].Length), text);
        (long Step, string Numbers)[] steps = [.. rows.Skip(1).Select(row => (long.Parse(row[0], CultureInfo.InvariantCulture), string.Join(',', row[2], row[3], row[5], row[6])))];
        Assert.AreSequenceEqual(steps.Select(row => row.Step).Distinct().Order(), steps.Select(row => row.Step));
        return steps;
    }

    private static float[] Model(string path)
    {
        var chain = (Microsoft.ML.Data.TransformerChain<ITransformer>)new MLContext().Model.Load(path, out _);
        using var model = (Transforms.DenoiserTransformer)chain.Last();
        return TrainedWeights.Of(model);
    }

    private static long Newest(string folder) => Directory.Exists(folder)
        ? Directory.GetFiles(folder, "step-*").Select(path => long.Parse(Path.GetFileNameWithoutExtension(path)[5..], CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max()
        : 0;

    internal static string Probe => Path.Combine(AppContext.BaseDirectory.Replace("Trainers.Tests", "CheckpointProbe", StringComparison.Ordinal), "CheckpointProbe.dll");

    private static Process Start(int steps, string model, params string[] folder)
        => Process.Start(OneThread(new ProcessStartInfo("dotnet", [Probe, $"{steps}", model, .. folder]) { RedirectStandardError = true }))!;

    // Threads that wait for each other are slow where other tests run beside.
    private static ProcessStartInfo OneThread(ProcessStartInfo start)
    {
        start.Environment["OMP_NUM_THREADS"] = "1";
        return start;
    }

    private static void Finish(Process process)
    {
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors);
    }

    private static bool CanUnshare()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("unshare", ["-m", "true"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
