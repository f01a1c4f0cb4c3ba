using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// Times several actions in turn, round after round, so that whatever else the machine does hits all of them alike.
/// The first action is what the others are compared with.
/// </summary>
internal sealed class Interleaved
{
    private readonly List<(string Name, Action Action, List<double> Milliseconds)> _actions = [];

    public Interleaved Add(string name, Action action)
    {
        _actions.Add((name, action, []));
        return this;
    }

    /// <summary>Runs and prints the table; returns the median over rounds of each action's time over the first action's.</summary>
    public IReadOnlyDictionary<string, double> Run(int rounds, int warmUps = 3)
    {
        foreach (var (_, action, _) in _actions)
            for (int i = 0; i < warmUps; i++)
                action();
        for (int round = 0; round < rounds; round++)
            foreach (var (_, action, milliseconds) in _actions)
            {
                long start = Stopwatch.GetTimestamp();
                action();
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        var baseline = _actions[0].Milliseconds;
        var ratios = _actions.ToDictionary(entry => entry.Name, entry => Median(entry.Milliseconds.Zip(baseline, (time, reference) => time / reference)));
        Console.WriteLine($"  {"",-44} {"median ms",10} {"ratio",7}");
        foreach (var (name, _, milliseconds) in _actions)
            Console.WriteLine(FormattableString.Invariant($"  {name,-44} {Median(milliseconds),10:0.000} {ratios[name],7:0.000}"));
        return ratios;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
