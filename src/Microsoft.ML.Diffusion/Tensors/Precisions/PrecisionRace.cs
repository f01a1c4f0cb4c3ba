using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Finds out by the clock whether a device is faster in bf16: that it has instructions for it does not say so, on processors whose Float32 is as wide and better served. The first verdict of a work holds
/// for the life of the process, so that equal runs compute alike.
/// </summary>
internal static class PrecisionRace
{
    /// <summary>The most that a race may take of a run that does not say how long it lasts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>The number of pairs where time allows.</summary>
    public const int Pairs = 5;

    /// <summary>From fewer pairs nothing follows: other programs hold up any of the two.</summary>
    public const int LeastPairs = 3;

    // What bf16 must take of Float32's time: it costs digits, and less than a twentieth is within what clocks vary by.
    private const double Worth = 0.95;

    private static readonly ConcurrentDictionary<string, PrecisionVerdict> Verdicts = new();

    // Two races at once would hold each other up.
    private static readonly Lock Course = new();

    /// <summary>Whether only a race can tell: on processors that compute natively in bf16, or are told to emulate it.</summary>
    /// <param name="device">The device.</param>
    public static bool IsOpen(Device device) => device.type == DeviceType.CPU && (PrecisionExtensions.EmulatesBFloat16 || Precision.BFloat16.IsSupported(device, out _));

    /// <summary>The verdict on a work: the one that was found before, or that of a race.</summary>
    /// <param name="work">What is computed, as text: network, shape, rows.</param>
    /// <param name="race">Finds it; null where there is no room for a race.</param>
    public static PrecisionVerdict? Remember(string work, Func<PrecisionVerdict?> race)
    {
        if (Verdicts.TryGetValue(work, out var known))
            return known;
        lock (Course)
        {
            if (Verdicts.TryGetValue(work, out known))
                return known;
            if (race() is not { } found)
                return null;
            Verdicts[work] = found;
            return found;
        }
    }

    /// <summary>Lets both compute in turn, once unseen and then by the clock. Bf16 wins where its best time and the median of the pairs say so: what else the machine does only makes times longer.</summary>
    /// <param name="inFloat32">Does the work in Float32.</param>
    /// <param name="inBFloat16">Does it in bf16.</param>
    /// <param name="limit">After so long no further pair begins; one is always timed.</param>
    /// <param name="otherwise">The precision where time has room for fewer than three pairs.</param>
    /// <param name="clock">The clock.</param>
    public static PrecisionVerdict Run(Action inFloat32, Action inBFloat16, TimeSpan limit, Precision otherwise, TimeProvider clock)
    {
        long start = clock.GetTimestamp();
        inFloat32();
        inBFloat16();
        var pairs = new List<(TimeSpan Single, TimeSpan Half)>(Pairs);
        do
            pairs.Add((Time(inFloat32), Time(inBFloat16)));
        while (pairs.Count < Pairs && clock.GetElapsedTime(start) < limit);
        double median = pairs.Select(pair => pair.Half / pair.Single).Order().ElementAt(pairs.Count / 2);
        double ratio = Math.Max(median, pairs.Min(pair => pair.Half) / pairs.Min(pair => pair.Single));
        var precision = pairs.Count < LeastPairs ? otherwise : ratio < Worth ? Precision.BFloat16 : Precision.Float32;
        return new PrecisionVerdict(precision, ratio, pairs.Count, clock.GetElapsedTime(start));

        TimeSpan Time(Action work)
        {
            long begin = clock.GetTimestamp();
            work();
            return clock.GetElapsedTime(begin);
        }
    }
}
